"""The finished draft as text: the production notebook and the module of its functions."""

import ast
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from types import MappingProxyType

from nbpromote.analysis.clones.scope import imported
from nbpromote.notebook.formats import percent
from nbpromote.notebook.formats.databricks_mapping import shown_title
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook
from nbpromote.promotion.annotating import annotate
from nbpromote.promotion.code import WIDEST, free_names, has_code, parse_cell, used_names
from nbpromote.promotion.docstrings import documented, markdown_above
from nbpromote.promotion.draft import Draft, Parameter
from nbpromote.promotion.header import metadata_of
from nbpromote.promotion.passes.imports import all_import_lines
from nbpromote.promotion.passes.keep import section
from nbpromote.promotion.remarks import without_remarks
from nbpromote.promotion.rewriting import Rewrite, rewrite

_GUARDS_NEED = "from typing import TYPE_CHECKING"


def notebook_of(draft: Draft) -> Notebook:
    """The production notebook: title, imports, parameters, their checks, then the work."""
    body = _body(draft)
    front: list[Cell] = []
    if body and body[0].kind is CellKind.MARKDOWN:
        front.append(body.pop(0))
    elif not any(cell.kind is CellKind.MARKDOWN for cell in body):
        front.append(_cell("title", CellKind.MARKDOWN, f"# {draft.options.name.replace('_', ' ').capitalize()}"))
    checks = "\n".join(_checked(one) for one in draft.parameters if one.check != one.name)
    opening = "\n".join(line for line in (checks, draft.session or "") if line)
    imports = [*draft.imports, *_lifted_imports(draft)]
    used = _used("\n".join([opening, *(cell.source for cell in body if cell.kind is CellKind.CODE)]))
    wanted = [line for line in imports if _binds(line) & used]
    cells = [*front]
    if wanted:
        cells.append(_cell("imports", CellKind.CODE, sorted_imports(wanted)))
    declared = "\n".join(_declaration(draft, index) for index in range(len(draft.parameters)))
    cells.append(
        _cell("parameters", CellKind.CODE, declared or "# This notebook takes no parameters.", tags=("parameters",))
    )
    if opening:
        cells.append(_cell("checks", CellKind.CODE, opening))
    cells += body
    numbered = tuple(replace(cell, number=number) for number, cell in enumerate(cells, 1))
    return Notebook(draft.options.target, Format.TEXT, "python", numbered, metadata_of(draft))


def text_of(draft: Draft) -> str:
    """The production notebook as Jupytext `py:percent`."""
    return percent.render(notebook_of(draft))


def module_of(draft: Draft) -> str | None:
    """The module that the lifted functions move to, or None when none is lifted."""
    if not draft.lifted:
        return None
    parts = []
    sources = {cell.id: cell.source for cell in draft.kept_code}
    for constant in draft.constants:
        text = rewrite(sources[constant.cell_id], (), constant.span).strip("\n")
        parts.append((False, text))
    for one in draft.lifted:
        inner = [edit for edit in draft.rewrites if edit.cell_id == one.cell_id and edit.span != one.span]
        cell = draft.facts.notebook.cell(one.cell_id)
        code = parse_cell(sources[one.cell_id])
        above = markdown_above(draft.facts.notebook.cells, cell, code, one.definition.name) if code else None
        parts.append((True, documented(rewrite(sources[one.cell_id], inner, one.span).strip("\n"), above)))
    body = reduce(lambda text, part: text + ("\n\n\n" if part[0] else "\n") + part[1], parts, "").strip("\n")
    needed = free_names(body)
    imports = [line for name, lines in all_import_lines(draft).items() if name in needed for line in lines]
    imports += [line for line in draft.imports if _binds(line) & needed and line not in imports]
    if "display" in needed:
        imports.append("from IPython.display import display")
    bound = {name: whole for line in imports for name, whole in _imported(line).items()}
    typed = annotate(body, draft.seen, bound)
    if typed.imports:
        imports.append(_GUARDS_NEED)
    blocks = (f'"""Functions that came out of {draft.options.source}."""', module_head(imports, [*typed.imports]))
    gap = "\n\n\n" if parts[0][0] else "\n\n"
    return "\n\n".join(block for block in blocks if block) + gap + typed.text + "\n"


def module_head(imports: Sequence[str], guarded: Sequence[str]) -> str:
    """The imports at the head of a module: those that it runs with, then those for types alone.

    Args:
        imports: lines; among them the name that guards the others is dropped when there are none.
        guarded: lines that only type checkers need.
    """
    needs = [line for line in imports if guarded or line != _GUARDS_NEED]
    blocks = [sorted_imports(needs)] if needs else []
    blocks += ["if TYPE_CHECKING:\n" + textwrap.indent(sorted_imports([*guarded]), "    ")] if guarded else []
    return "\n\n".join(blocks)


def sorted_imports(lines: list[str]) -> str:
    """Import lines merged by module and sorted into standard library, third party and commonlib."""
    plain = sorted({line for line in lines if line.startswith("import ")})
    merged: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, names = line.removeprefix("from ").split(" import ", 1)
            merged.setdefault(module, set()).add(names)
    groups: tuple[list[str], ...] = ([], [], [])
    for line in plain:
        groups[_group(line.split()[1])].append(line)
    for module in sorted(merged):
        groups[_group(module)].append(_from_line(module, sorted(merged[module])))
    return "\n\n".join("\n".join(group) for group in groups if group)


def _from_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDEST:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _group(module: str) -> int:
    root = module.split(".", maxsplit=1)[0]
    return 0 if root in sys.stdlib_module_names else 2 if root == "commonlib" else 1


def _lifted_imports(draft: Draft) -> list[str]:
    return [f"from commonlib.{draft.options.module} import {one.definition.name}" for one in draft.lifted]


def _imported(line: str) -> dict[str, str]:
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    return imported(statement)


def _binds(line: str) -> set[str]:
    """The names that an import line binds, or, as `import commonlib.plots.bars`, completes."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    return {(alias.asname or alias.name).removeprefix("commonlib.").split(".")[0] for alias in statement.names}


def _used(source: str) -> set[str]:
    """The names that the notebook's code mentions; magics and what cannot be parsed count by their words."""
    names = set(used_names(source))
    if not names:
        names = {word for line in source.splitlines() for word in _words(line)}
    return names


def _words(line: str) -> list[str]:
    return "".join(character if character.isalnum() or character == "_" else " " for character in line).split()


def _body(draft: Draft) -> list[Cell]:
    cells = []
    edits: dict[str, list[Rewrite]] = {}
    for one in draft.rewrites:
        edits.setdefault(one.cell_id, []).append(one)
    for cell_id in draft.kept:
        cell = draft.facts.notebook.cell(cell_id)
        if cell.kind is CellKind.CODE:
            made = [*edits.get(cell_id, ()), *without_remarks(cell, edits.get(cell_id, ()))]
            source = _tidied(rewrite(cell.source, made), had_edits=cell_id in edits)
            if not source or (cell_id in edits and not has_code(source)):
                continue
            title = shown_title(cell)
            plain = _cell(cell.id, CellKind.CODE, source)
            cells.append(replace(plain, metadata=MappingProxyType({"title": title})) if title else plain)
        else:
            cells.append(_cell(cell.id, cell.kind, cell.source.strip("\n")))
    return _without_empty_sections(cells, draft)


def _without_empty_sections(cells: list[Cell], draft: Draft) -> list[Cell]:
    """Drop Markdown of which every code cell is empty by now, and cut a heading's remarks on cells that went."""
    notebook = draft.facts.notebook
    there = {cell.id for cell in cells if cell.kind is CellKind.CODE}
    places = {cell.id: index for index, cell in enumerate(notebook.cells)}
    kept: list[Cell] = []
    for position, cell in enumerate(cells):
        if cell.kind is CellKind.CODE or position == 0:
            kept.append(cell)
        elif there & set(section(notebook, places[cell.id])):
            own = section(notebook, places[cell.id], until_markdown=True)
            heading = cell.source.lstrip().split("\n", 1)[0]
            is_remark = heading.startswith("#") and own and not there & set(own)
            kept.append(replace(cell, source=heading) if is_remark else cell)
    return kept


def _tidied(source: str, *, had_edits: bool) -> str:
    """The source without the blank lines that an edit left behind."""
    if not had_edits:
        return source.strip("\n")
    lines: list[str] = []
    blank = 0
    for line in source.split("\n"):
        blank = blank + 1 if not line.strip() else 0
        if blank <= 2:
            lines.append(line)
    return "\n".join(lines).strip("\n").rstrip()


def _checked(one: Parameter) -> str:
    """The line that checks a parameter, broken as a formatter does when it is long."""
    line = f"{one.name} = {one.check}"
    opening, paren, rest = line.partition("(")
    if len(line) <= WIDEST or not paren:
        return line
    return f"{opening}(\n    {rest.removesuffix(')')}\n)"


def _declaration(draft: Draft, index: int) -> str:
    one = draft.parameters[index]
    comment = f"  # {one.comment}" if one.comment else ""
    return f"{one.name}: {one.annotation} = {one.default}{comment}"


def _cell(name: str, kind: CellKind, source: str, tags: tuple[str, ...] = ()) -> Cell:
    return Cell(name, 0, kind, source, tags=tags)
