"""R cells' part in the facts of a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Access, CellFacts, Definition, DefinitionKind, Direction, Span, Written
from nbpromote.analysis.r import showing
from nbpromote.analysis.r.accesses import find_accesses
from nbpromote.analysis.r.calls import PACKAGES, RANDOM
from nbpromote.analysis.r.language import language
from nbpromote.analysis.r.session import Session, Used
from nbpromote.analysis.r.texts import Text, find_problem, joined, read_texts
from nbpromote.analysis.resources import resource_of

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILDING_ON = frozenset({"append", "ignore", "drop"})
_DRAWN_WITH = frozenset({"plot settings of R", "devices of R"})
# Names in the session of `%%R`, which are not those of the notebook.
_OWN = "R variable "


def with_r(codes: Mapping[str, CellCode], cells: Sequence[CellFacts], main: str) -> tuple[CellFacts, ...]:
    """The facts with what the R cells bind, read, change, and write.

    In a notebook of R the names are the notebook's; elsewhere (`%%R`) R's session has its own, which are resources that
    the cells share. Cells that cannot be read stay opaque.
    """
    texts = {cell.cell_id: read_texts(codes[cell.cell_id]) for cell in cells}
    if not any(texts.values()):
        return tuple(cells)
    session = Session([text for each in texts.values() for text in each])
    found: list[CellFacts] = []
    is_seeded = False
    for cell in cells:
        completed, seeds = _completed(cell, texts[cell.cell_id], session, main=main)
        is_seeded = is_seeded or seeds
        found.append(completed if is_seeded else _without_random(completed))
    return tuple(found)


def _without_random(cell: CellFacts) -> CellFacts:
    """Nothing can be said to depend on random numbers that are others with each run."""
    return replace(
        cell, resources_read=cell.resources_read - {RANDOM}, resources_changed=cell.resources_changed - {RANDOM}
    )


def _completed(cell: CellFacts, texts: Sequence[Text], session: Session, *, main: str) -> tuple[CellFacts, bool]:
    """The cell's facts with those of its R; and whether it seeds the random numbers."""
    if not texts:
        return cell, False
    whole = joined(texts)
    shows = any(showing.displays(text.root) for text in texts)
    if shows:
        whole.carries |= {each for each in session.functions if each.startswith(("print.", "format.", "show"))}
    used = session.used(whole)
    own, calls = set(whole.binds), {name for name, _, _ in whole.calls}
    reads, carries, sets = set(whole.reads), whole.carries | (set(used) - own), set(whole.sets)
    read, changed = set(whole.resources_read), set(whole.resources_changed)
    for name, functions in used.items():
        for function, _ in functions:
            inner = function.found
            (reads if name in whole.reads else carries).update(inner.reads - own)
            carries |= inner.carries - own
            sets |= inner.sets
            calls |= {each for each, _, _ in inner.calls}
            read |= inner.resources_read - changed
            changed |= inner.resources_changed
    accesses = tuple(sorted(dict.fromkeys(_accesses(texts, used, session)), key=lambda access: access.span))
    read |= {key for access in accesses if (key := _read_by(access))}
    changed |= {resource_of(access) for access in accesses if access.direction is Direction.WRITE}
    if calls - language().given - set(session.functions):
        read.add(PACKAGES)
    if calls:
        is_drawn = shows or changed & _DRAWN_WITH or any(showing.draws(each) for each in calls)
        settings = set(language().settings.values()) & session.settings
        read |= settings if is_drawn else settings - _DRAWN_WITH
    # A name that no cell binds may be one of a package; without packages it is nobody's.
    mine = session.bound | (set() if session.is_open else whole.reads - language().given - language().datasets)
    reads &= mine
    carries = ((session.bound if whole.reads_any else carries & session.bound) | (sets - own)) - reads
    deletes = (whole.deletes | (session.bound if whole.deletes_all else set())) - own
    mutates = session.changes(whole, used)
    binds = own | sets
    cell = replace(
        cell,
        problem=cell.problem or find_problem(texts),
        accesses=(*cell.accesses, *accesses),
        displays=cell.displays or shows,
        is_peek=not (binds or mutates or deletes or accesses or changed or cell.binds)
        and all(showing.is_peek(text.root) for text in texts),
        resources_read=cell.resources_read | read,
        resources_changed=cell.resources_changed | changed,
    )
    seeds = "set.seed" in calls
    if main == "r":
        return replace(
            cell,
            binds=cell.binds | binds,
            reads=cell.reads | reads,
            carries=cell.carries | carries,
            deletes=cell.deletes | deletes,
            mutates=cell.mutates | set(mutates),
            mutation_reasons=mutates or None,
            definitions=(*cell.definitions, *_definitions(texts, session)),
            binds_unknown=cell.binds_unknown or whole.binds_unknown,
        ), seeds
    # What goes in by `-i` and out by `-o` has the same name on both sides.
    taken = reads | carries | set(mutates) | (cell.binds - own)
    made = binds | set(mutates) | deletes | cell.reads
    kept = (made & carries) | (set(mutates) & taken)
    made_unknown = {f"{_OWN}?"} if whole.binds_unknown else set()
    return replace(
        cell,
        resources_read=cell.resources_read | _owned((taken - made) | kept | (reads & made)),
        resources_changed=cell.resources_changed | _owned(made) | made_unknown,
    ), seeds


def _owned(names: set[str]) -> frozenset[str]:
    return frozenset(f"{_OWN}{name}" for name in names)


def _read_by(access: Access) -> str | None:
    is_read = access.direction is Direction.READ or access.mode in _BUILDING_ON
    return resource_of(access) if is_read else None


def _accesses(texts: Sequence[Text], used: Used, session: Session) -> Iterator[Access]:
    for text in texts:
        for callee, node, is_piped in text.found.calls:
            yield from find_accesses(callee, node, _piped(node, is_piped=is_piped), text.span, session.constants)
            for function, home in used.get(callee, ()):
                yield from _inside(function.found.calls, home, text.span(node), session)


def _inside(calls: Sequence[tuple[str, Node, bool]], home: Text, span: Span, session: Session) -> Iterator[Access]:
    """What a function of the notebook reads and writes when it is called here."""
    for callee, node, is_piped in calls:
        for access in find_accesses(callee, node, _piped(node, is_piped=is_piped), home.span, session.constants):
            written = Written(
                home.code.cell.id, access.span, access.expression, access.expression_span, access.receiver,
                access.receiver_span,
            )  # fmt: skip
            yield replace(access, span=span, expression_span=None, receiver_span=None, written=written)


def _piped(node: Node, *, is_piped: bool) -> Node | None:
    return node.parent.child_by_field_name("lhs") if is_piped and node.parent is not None else None


def _definitions(texts: Sequence[Text], session: Session) -> Iterator[Definition]:
    for text in texts:
        for name, function in text.found.functions.items():
            if function.node is not None:
                free = (function.found.reads | function.found.carries) & session.bound
                yield Definition(
                    name, DefinitionKind.FUNCTION, text.span(function.node), function.parameters, frozenset(free),
                    mutates_free=frozenset(function.found.sets),
                )  # fmt: skip
