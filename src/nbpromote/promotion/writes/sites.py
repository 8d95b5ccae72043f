"""Where the notebook writes: each place of the code once, with the cells that come by it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nbpromote.analysis.facts import Access, AccessKind, Direction, Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft

_WRITTEN = frozenset({AccessKind.FILE, AccessKind.TABLE})
# What these write is on the cluster's storage, under paths that no other code takes.
_ELSEWHERE = "databricks.fs."
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_INSIDE_AN_EXPRESSION = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Site:
    """One call that writes or reads. `access` has its places in `cell`, where the code stands; `runs` are
    cells that come by.

    `around` are the statements that the call stands in, from the outermost; the last is the innermost. `targets` are
    the places that it may name, as far as they are known.
    """

    cell: Cell
    code: CellCode
    call: ast.Call
    access: Access
    around: tuple[ast.stmt, ...]
    targets: tuple[str, ...]
    runs: tuple[str, ...]
    is_in_expression: bool = False

    @property
    def statement(self) -> ast.stmt:
        return self.around[-1]

    @property
    def function(self) -> str | None:
        """The function that the call stands in."""
        return next((one.name for one in reversed(self.around) if isinstance(one, _FUNCTIONS)), None)

    @property
    def is_repeated(self) -> bool:
        """Whether one run may come by more than once."""
        return any(isinstance(one, (*_LOOPS, *_FUNCTIONS)) for one in self.around[:-1])

    @property
    def target(self) -> str:
        """What people are told that it writes."""
        known = list(dict.fromkeys(self.targets))
        if len(known) > 1:
            return f"{', '.join(known[:3])}{' and others' if len(known) > 3 else ''}"
        return known[0] if known else self.access.expression or "?"

    @property
    def block(self) -> list[ast.stmt]:
        """The statements among which the innermost one stands."""
        outer: ast.AST = self.around[-2] if len(self.around) > 1 else self.code.tree
        for name in ("body", "orelse", "finalbody", "handlers"):
            if self.statement in getattr(outer, name, ()):
                found: list[ast.stmt] = getattr(outer, name)
                return found
        for handler in getattr(outer, "handlers", ()):
            if self.statement in handler.body:
                inner: list[ast.stmt] = handler.body
                return inner
        return [self.statement]


def find_sites(
    draft: Draft, direction: Direction = Direction.WRITE
) -> tuple[tuple[Site, ...], tuple[tuple[Cell, Access], ...]]:
    """The places where kept cells write, in running order; and the writes of which the call cannot be found.

    With `Direction.READ`, the places where they read.
    """
    found: dict[tuple[str, Span], Site] = {}
    lost: list[tuple[Cell, Access]] = []
    cells = {cell.id: cell for cell in draft.kept_code}
    for cell in draft.kept_code:
        for access in draft.facts.of(cell.id).accesses:
            if access.direction is not direction or access.kind not in _WRITTEN:
                continue
            own = _at_its_code(access)
            place = cells.get(access.written.cell_id) if access.written else cell
            key = (place.id if place else cell.id, own.span)
            if (
                place is None
                or own.call == "%sql"
                or own.call.startswith(_ELSEWHERE)
                or own.expression_span is None
                or (site := found.get(key) or _site(place, own)) is None
            ):
                lost.append((cell, access))
            else:
                targets = (*site.targets, *([access.target] if access.target else []))
                found[key] = replace(site, targets=targets, runs=(*site.runs, cell.id))
    return tuple(found.values()), tuple(lost)


def _at_its_code(access: Access) -> Access:
    """The access with the places that it has in the function where its code stands."""
    written = access.written
    if written is None:
        return access
    return replace(
        access, span=written.span, expression=written.expression, expression_span=written.expression_span,
        receiver=written.receiver, receiver_span=written.receiver_span, written=None,
    )  # fmt: skip


def _site(cell: Cell, access: Access) -> Site | None:
    code = parse_cell(cell.source)
    if code is None:
        return None
    for around, node, is_inside in _calls(code.tree, (), False):
        if code.span(node) == access.span:
            return Site(cell, code, node, _of_chain(code, node, access), around, (), (), is_inside)
    return None


def _calls(
    node: ast.AST, around: tuple[ast.stmt, ...], is_inside: bool
) -> Iterator[tuple[tuple[ast.stmt, ...], ast.Call, bool]]:
    for child in ast.iter_child_nodes(node):
        chain = (*around, child) if isinstance(child, ast.stmt) else around
        inside = is_inside or isinstance(child, _INSIDE_AN_EXPRESSION)
        if isinstance(child, ast.Call) and chain:
            yield chain, child, inside
        yield from _calls(child, chain, inside and not isinstance(child, ast.stmt))


def _of_chain(code: CellCode, call: ast.Call, access: Access) -> Access:
    """`frame.write.mode("append").save(p)` is Spark's writer, also where nothing else tells what `frame` is."""
    if not access.call.startswith("?."):
        return access
    mode, step = access.mode, call.func
    while isinstance(step, ast.Call | ast.Attribute):
        if isinstance(step, ast.Attribute) and step.attr == "write" and step is not call.func:
            method = access.call.removeprefix("?.")
            return replace(
                access, call=f"pyspark.DataFrameWriter.{method}", mode=mode, receiver=code.text(step.value),
                receiver_span=code.span(step.value),
            )  # fmt: skip
        if isinstance(step, ast.Call):
            if isinstance(step.func, ast.Attribute) and step.func.attr == "mode" and step.args:
                given = step.args[0]
                mode = str(given.value) if isinstance(given, ast.Constant) else mode
            step = step.func
        else:
            step = step.value
    return access
