"""Which laws of `commonlib.laws` the recorded calls of a function suggest: to be tried, and kept where they hold."""

import ast
from collections.abc import Collection, Mapping, Sequence

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot

KEEPS = "keeps_its_arguments"
ALONE = "treats_each_row_alone"
ORDER = "takes_rows_in_any_order"
ONCE = "done_twice_is_done_once"
WORDS = {
    KEEPS: "leaves its arguments as they are",
    ALONE: "treats each row alone",
    ORDER: "takes rows in any order",
    ONCE: "gives its own result back unchanged",
}

_ROWS = frozenset({"frame", "series", "array", "spark"})
_CHANGEABLE = frozenset({"frame", "series", "list", "dict"})
_GIVEN_AGAIN = frozenset({"frame", "series", "spark", "list", "str"})
# Where these stand, that a law holds of a few rows says little: what breaks it may not be among them.
_OF_OTHER_ROWS = """
    mean median mode std var quantile rank ntile percent_rank interpolate ffill bfill pad cumsum cummax cummin
    cumprod shift diff rolling expanding ewm lag lead over Window groupby groupBy agg aggregate drop_duplicates
    duplicated unique dropDuplicates distinct nunique sort_values sort_index orderBy sort argsort qcut cut
    factorize get_dummies fit fit_transform transform limit head tail sample
"""
_OF_ORDER = """
    head tail first last iloc iat limit take nth idxmax idxmin argmax argmin drop_duplicates dropDuplicates
    sample cumsum cummax cummin cumprod cumcount shift diff pct_change rolling expanding ewm lag lead ffill
    bfill pad interpolate rank row_number monotonically_increasing_id enumerate zip range next
"""

Calls = Mapping[str, Sequence[Mapping[str, object]]]


def suggested(draft: Draft, calls: Calls, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The laws worth a try, by function; none in a repository of which commonlib does not know them."""
    if f"def {ONCE}(".encode() not in (snapshot.read_bytes("commonlib/laws.py") or b""):
        return {}
    functions = _functions(draft)
    found = {
        one.definition.name: _of(calls.get(one.definition.name, ()), _words(one.definition.name, functions))
        for one in draft.lifted
        if one.definition.name in functions
    }
    return {name: laws for name, laws in found.items() if laws}


def kept(laws: Mapping[str, Sequence[str]], broken: Collection[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Those that hold; of two that say much the same, the stronger."""
    found = {}
    for name, tried in laws.items():
        held = [law for law in tried if (name, law) not in broken]
        if ALONE in held and ORDER in held:
            held.remove(ORDER)
        if held:
            found[name] = tuple(held)
    return found


def _of(calls: Sequence[Mapping[str, object]], words: frozenset[str]) -> tuple[str, ...]:
    """What these calls suggest, the most telling first."""
    if not calls:
        return ()
    given = [_values(call) for call in calls]
    kinds = {_kind(value) for values in given for value in values}
    results = [call.get("result") for call in calls]
    laws = []
    if kinds & _ROWS:
        if {_kind(one) for one in results} <= _ROWS and words.isdisjoint(_OF_OTHER_ROWS.split()):
            laws.append(ALONE)
        if words.isdisjoint(_OF_ORDER.split()) and None not in results:
            laws.append(ORDER)
    firsts = [values[0] if len(values) == 1 else None for values in given]
    if (
        all(_kind(one) in _GIVEN_AGAIN and _kind(one) == _kind(made) for one, made in zip(firsts, results, strict=True))
        and all(one != made for one, made in zip(firsts, results, strict=True))
    ):  # fmt: skip
        laws.append(ONCE)
    if kinds & _CHANGEABLE and not any(result is None for result in results):
        laws.append(KEEPS)
    return tuple(laws)


def _values(call: Mapping[str, object]) -> list[object]:
    """The arguments, those first that are given by place. What was free in the notebook is no data of the call."""
    given, named = call.get("args"), call.get("kwargs")
    return [*(given if isinstance(given, list) else []), *(named.values() if isinstance(named, dict) else [])]


def _kind(value: object) -> str:
    return next(iter(value), "") if isinstance(value, dict) else type(value).__name__


def _functions(draft: Draft) -> dict[str, ast.FunctionDef]:
    names = {one.definition.name for one in draft.lifted}
    trees = [code.tree for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in nodes if node.name in names}


def _words(name: str, functions: Mapping[str, ast.FunctionDef]) -> frozenset[str]:
    """Every name and attribute in this function, and in those of them that it calls."""
    seen, todo, words = set(), [name], set()
    while todo:
        one = todo.pop()
        seen.add(one)
        for node in ast.walk(functions[one]):
            if isinstance(node, ast.Name):
                words.add(node.id)
            elif isinstance(node, ast.Attribute):
                words.add(node.attr)
        todo += [called for called in words & functions.keys() if called not in seen]
    return frozenset(words)
