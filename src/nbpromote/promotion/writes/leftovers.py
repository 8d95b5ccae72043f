"""What only served a write goes along with it: names of its place, folders that were made for it."""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nbpromote.analysis.facts import Access, AccessKind, Direction, Span
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.dropping import without_line
from nbpromote.promotion.plan import DecisionKind
from nbpromote.promotion.rewriting import Rewrite, contains, rewrite
from nbpromote.promotion.writes.sites import Site

_FOLDER_MAKERS = frozenset({"makedirs", "mkdir"})
_ASKED = frozenset({"exists", "isdir", "is_dir"})


def only_names_outputs(draft: Draft, name: str) -> bool:
    """Whether this name only says where something is written; the lake decides that."""
    used = False
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        places = list(_write_places(draft, cell))
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                span = code.span(node)
                if not any(contains(one, span) for one in [*places, *_made_folders(code)]):
                    return False
                used = used or any(contains(one, span) for one in places)
    return used


def without_leftovers(draft: Draft, sites: tuple[Site, ...]) -> Draft:
    """The draft without folders made for rewritten writes, and without assignments that only named their places."""
    parameters = {one.name for one in draft.parameters}
    for cell, code, statement in _statements(draft):
        made = _makes_folder(statement)
        if made is not None and _is_of(draft, code, made, sites):
            draft = _without(draft, cell, code, statement, "the lake makes its own folders")
    for cell, code, statement in _statements(draft):
        name = _named(statement)
        if name and name not in parameters and _is_unused(draft, name):
            draft = _without(draft, cell, code, statement, "the lake decides where it goes")
    return draft


def without_unread(draft: Draft) -> Draft:
    """The draft without parameters of which nothing but replaced places made use."""
    targets = {posixpath.normpath(target) for one in draft.outputs for target in one.targets}
    targets |= {
        posixpath.normpath(access.target)
        for cell in draft.kept_code
        for access in draft.facts.of(cell.id).accesses
        if access.target and (cell.id, access.span) in draft.read_back
    }
    used: set[str] = set()
    for cell in draft.kept_code:
        text = rewrite(cell.source, (one for one in draft.rewrites if one.cell_id == cell.id))
        code = parse_cell(text)
        used |= {node.id for node in ast.walk(code.tree) if isinstance(node, ast.Name)} if code else set(_words(text))
    gone = {
        one.name
        for one in draft.parameters
        if one.name not in used and any(one.default.strip("\"'").endswith(target) for target in targets)
    }
    kinds = {DecisionKind.PARAMETER}
    return replace(
        draft,
        parameters=tuple(one for one in draft.parameters if one.name not in gone),
        decisions=tuple(one for one in draft.decisions if one.kind not in kinds or one.subject not in gone),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _statements(draft: Draft) -> Iterator[tuple[Cell, CellCode, ast.stmt]]:
    """The statements at the top level, of which each has lines of its own."""
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for statement in code.tree.body if code else ():
            if code is not None and code.whole_lines(statement) is not None:
                yield cell, code, statement


def _without(draft: Draft, cell: Cell, code: CellCode, statement: ast.stmt, why: str) -> Draft:
    span = code.whole_lines(statement)
    assert span is not None
    text = " ".join(code.text(statement).split())
    return without_line(draft, cell, Rewrite(cell.id, span, ""), text, why)


def _write_places(draft: Draft, cell: Cell) -> Iterator[Span]:
    for other in draft.kept_code:
        for access in draft.facts.of(other.id).accesses:
            if access.direction is Direction.WRITE and access.kind in {AccessKind.FILE, AccessKind.TABLE}:
                place = _place(access, other.id)
                if place is not None and place[0] == cell.id:
                    yield place[1]


def _place(access: Access, cell_id: str) -> tuple[str, Span] | None:
    if access.written is not None:
        where = access.written.expression_span
        return (access.written.cell_id, where) if where else None
    return (cell_id, access.expression_span) if access.expression_span else None


def _made_folders(code: CellCode) -> list[Span]:
    """Where folders are made, and where it is asked whether they are there."""
    return [
        code.span(node)
        for node in ast.walk(code.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in _FOLDER_MAKERS | _ASKED
    ]  # fmt: skip


def _makes_folder(statement: ast.stmt) -> ast.Call | None:
    """The call, when all that the statement does is to make a folder, perhaps after it asked for it."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name)) as call) if name in _FOLDER_MAKERS:
            return call
        case ast.If(test=test, body=[inner], orelse=[]) if any(
            isinstance(one, ast.Attribute) and one.attr in _ASKED for one in ast.walk(test)
        ):
            return _makes_folder(inner)
    return None


def _is_of(draft: Draft, code: CellCode, made: ast.Call, sites: Iterable[Site]) -> bool:
    """Whether the folder is one that only the rewritten writes go to."""
    assert isinstance(made.func, ast.Attribute)
    is_method = made.func.attr == "mkdir" and not (isinstance(made.func.value, ast.Name) and made.func.value.id == "os")
    named = made.func.value if is_method else made.args[0] if made.args else None
    if named is None:
        return False
    text = code.text(named)
    if isinstance(named, ast.Constant) and isinstance(named.value, str):
        folder = named.value.rstrip("/").removeprefix("./")
        within = [one for one in sites if _begins(one, folder)]
        return bool(within) and not _is_read(draft, folder)
    return any(text and text in (one.access.expression or "") for one in sites) and (
        not isinstance(named, ast.Name) or only_names_outputs(draft, named.id)
    )


def _begins(site: Site, folder: str) -> bool:
    expression = (site.access.expression or "").lstrip("fFrR").strip("\"'").removeprefix("./")
    return any(one.removeprefix("./").startswith(f"{folder}/") for one in (*site.targets, expression))


def _is_read(draft: Draft, folder: str) -> bool:
    return any(
        access.direction is Direction.READ and access.target and access.target.removeprefix("./").startswith(folder)
        for cell in draft.kept_code
        for access in draft.facts.of(cell.id).accesses
    )


def _named(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str())):
            return name
    return None


def _is_unused(draft: Draft, name: str) -> bool:
    """Whether all that read this name is replaced by now."""
    if name in draft.options.results or any(name in one.text for one in draft.rewrites):
        return False
    was_used = False
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if code is not None and isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                span = code.span(node)
                if not any(one.cell_id == cell.id and contains(one.span, span) for one in draft.rewrites):
                    return False
                was_used = True
    return was_used
