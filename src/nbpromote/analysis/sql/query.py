"""An SQL text, understood as far as it can be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from nbpromote.analysis.sql import holes, patterns
from nbpromote.analysis.sql.uses import TableUse

# Beyond this, parsing would take longer than anybody waits; patterns read it then.
_LONGEST = 60_000
_MOST_NESTED = 150


@dataclass(frozen=True, slots=True)
class Query:
    """What an SQL text does.

    `shows_rows`: its last statement gives rows; `sets_state`: it changes what later statements depend on (`USE`, `SET`,
    functions); `is_whole`: all of it was parsed, and nothing was guessed."""

    uses: tuple[TableUse, ...] = ()
    shows_rows: bool = False
    sets_state: bool = False
    is_whole: bool = True


@lru_cache(maxsize=512)
def find_query(text: str) -> Query:
    """What this text of one or several statements does; never raises."""
    hidden, found = holes.hide(text)
    query = _parsed(hidden) or Query(tuple(patterns.find_uses(hidden)), _begins_with_select(hidden), is_whole=False)
    return replace(query, uses=_unique([_named(use, found) for use in query.uses]))


def _parsed(text: str) -> Query | None:
    if len(text) > _LONGEST or text.count("(") > _MOST_NESTED * 10 or _depth(text) > _MOST_NESTED:
        return None
    # sqlglot takes a moment to import, and only few notebooks have SQL.
    from nbpromote.analysis.sql.parsed import parse

    statements = parse(text)
    if statements is None:
        return None
    return Query(
        tuple(use for statement in statements for use in statement.uses),
        bool(statements) and statements[-1].shows_rows,
        any(statement.sets_state for statement in statements),
        all(statement.is_known for statement in statements),
    )


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest


def _named(use: TableUse, found: tuple[str, ...]) -> TableUse:
    is_holed = holes.is_holed(use.text)
    return replace(use, name=None if is_holed else use.name, text=holes.show(use.text, found))


def _unique(uses: Sequence[TableUse]) -> tuple[TableUse, ...]:
    return tuple(dict.fromkeys(uses))


def _begins_with_select(text: str) -> bool:
    return text.lstrip(" \t\r\n(").lower().startswith(("select", "with", "from", "show", "describe", "values"))
