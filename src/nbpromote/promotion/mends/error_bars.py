"""Charts of seaborn with error bars: they are bootstrapped, by other random numbers in each run."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import CellFacts, Span
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.mend import Mend
from nbpromote.promotion.rewriting import Rewrite

SEED = 0
_BARS = frozenset({"barplot", "pointplot", "lineplot", "regplot", "lmplot"})
_OF_KIND = frozenset({"bar", "point"})
_SETTLED = frozenset({"seed", "errorbar", "ci", "n_boot", None})
_WHY = "its error bars are bootstrapped by random numbers that nobody has seeded, so that no run draws them again"


def find(about: CellFacts, code: CellCode) -> Iterator[Mend]:
    """A seed for each chart of which the error bars are drawn by chance; what is counted before has none."""
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id="sns" | "seaborn")), keywords=keywords) if (
                _is_bootstrapped(name, node)
            ):
                given = [*map(code.span, node.args), *map(code.span, keywords)]
                last = max(given, key=lambda one: (one.end_line, one.end_column))
                behind = Span(last.end_line, last.end_column, last.end_line, last.end_column)
                yield Mend(f"seed of {name}", f"seed={SEED}", _WHY, (Rewrite(about.cell_id, behind, f", seed={SEED}"),))


def _is_bootstrapped(name: str, node: ast.Call) -> bool:
    given = {one.arg: one.value for one in node.keywords}
    kind = given.get("kind")
    is_of_kind = isinstance(kind, ast.Constant) and kind.value in _OF_KIND
    if not (name in _BARS or (name == "catplot" and is_of_kind)) or given.keys() & _SETTLED:
        return False
    places = [given[one] for one in ("x", "y") if one in given] or node.args[:2]
    return bool(node.args or node.keywords) and not any(_is_counted(one) for one in places)


def _is_counted(node: ast.expr) -> bool:
    """Whether there is one value for each place: `counts.index`, `list(scores)`, `[1, 2]`."""
    match node:
        case ast.Attribute(attr="index" | "values") | ast.List() | ast.Tuple():
            return True
        case ast.Call(func=ast.Attribute(attr="keys" | "values" | "items")):
            return True
        case ast.Call(func=ast.Name(id="list" | "range"), args=[*_]):
            return True
    return False
