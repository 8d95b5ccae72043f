"""How a Spark call stands in its chain: what sorts the frame before it, and what becomes of its value."""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.rules.evidence import Evidence

SORTS = frozenset({"orderBy", "sort"})
TAKES = frozenset({"limit", "first", "head", "take", "tail"})
ORDER = re.compile(r"\border\s+by\b", re.I)
_LOOKS = frozenset({"show", "display", "printSchema", "explain", "count", "isEmpty", "describe", "summary"})
_LOOK_FUNCTIONS = frozenset({"display", "print", "len", "show"})
# After these there is one row.
_ONE_ROW = frozenset({"agg", "count", "describe", "summary"})
_AGGREGATES = frozenset({"max", "min", "sum", "count", "avg", "mean", "countDistinct", "approx_count_distinct"})
_ONE_ROW_QUERY = re.compile(
    r"^\s*select\s+(?:count|max|min|sum|avg)\s*\([^()]*\)\s*(?:as\s+\w+\s*)?from\b|^\s*(?:show|describe)\b", re.I
)


class Places:
    """The parents of a cell's nodes, and the calls whose value is only looked at."""

    def __init__(self, code: CellCode) -> None:
        self.parents: dict[int, ast.AST] = {}
        self.looked: set[int] = set()
        for node in ast.walk(code.tree):
            self.parents.update((id(child), node) for child in ast.iter_child_nodes(node))
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name)) as value) if name in TAKES:
                    self.looked.add(id(value))
                case ast.Call(func=ast.Attribute(attr=name, value=value)) if name in _LOOKS:
                    self.looked |= {id(each) for each in _chain(value)}
                case ast.Call(func=ast.Name(id=name), args=given) if name in _LOOK_FUNCTIONS:
                    self.looked |= {id(each) for argument in given for each in _chain(argument)}

    def is_indexed(self, node: ast.AST) -> bool:
        """Whether one item of the value is taken at once."""
        return isinstance(self.parents.get(id(node)), ast.Subscript)

    def around(self, node: ast.AST) -> Iterator[str]:
        """The names of the calls and methods that the value goes through, from the inside."""
        while (parent := self.parents.get(id(node))) is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.Attribute):
                yield parent.attr
            elif isinstance(parent, ast.Call) and parent.func is not node:
                yield parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
            node = parent


def is_ordered(value: ast.AST, ordered: frozenset[str]) -> bool:
    """Whether the frame is sorted, or has one row, by what stands in the chain; `ordered` are sorted variables."""
    while isinstance(value, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(value, ast.Call):
            name = value.func.attr if isinstance(value.func, ast.Attribute) else ""
            if name in SORTS or name in _ONE_ROW:
                return True
            if name == "sql" and (query := text_of(value)) is not None:
                return bool(ORDER.search(query) or _ONE_ROW_QUERY.search(query))
            if name == "select" and any(_aggregates(argument) for argument in value.args):
                return True
            value = value.func
        else:
            value = value.value
    return isinstance(value, ast.Name) and value.id in ordered


def ordered_names(evidence: Evidence) -> frozenset[str]:
    """The variables that are never bound to anything but a sorted frame, or one row."""
    found: dict[str, bool] = {}
    for code in evidence.codes.values():
        for node in ast.walk(code.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found[name] = found.get(name, True) and is_ordered(value, frozenset())
    return frozenset(name for name, is_sorted in found.items() if is_sorted)


def text_of(node: ast.Call) -> str | None:
    """The literal text that is the call's first argument."""
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _aggregates(node: ast.expr) -> bool:
    step: ast.expr = node
    while isinstance(step, ast.Call) and isinstance(step.func, ast.Attribute):
        if step.func.attr in _AGGREGATES:
            return True
        step = step.func.value
    return False


def _chain(node: ast.AST) -> Iterator[ast.AST]:
    while isinstance(node, (ast.Call, ast.Attribute)):
        yield node
        node = node.func if isinstance(node, ast.Call) else node.value
