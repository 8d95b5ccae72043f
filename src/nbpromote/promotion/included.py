"""`%run ./other` becomes the cells of the other notebook: a production notebook runs no other.

What they define moves on to commonlib as any function does. Values that `%run` hands over (`$day="1"`) take the place
of the widgets that they are for.
"""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import parse
from nbpromote.notebook.model import Cell, CellKind, Notebook
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite, rewrite

_RUN = re.compile(r"\s*%run\s+(?:\"([^\"]+)\"|'([^']+)'|(\S+))([^\n]*)\s*\Z")
_RUN_LINE = re.compile(r"%run\s+(?:\"[^\"]+\.ipynb\"|'[^']+\.ipynb'|[^\s-]\S*\.ipynb)\s*\Z")
_HANDED = re.compile(r"\$(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_PYTHON = re.compile(r"\A\s*%py(?:thon)?[ \t]*\n")
_SUFFIXES = ("", ".py", ".ipynb", ".sql", ".r", ".R", ".scala")
_MAKERS = frozenset({"text", "dropdown", "combobox", "multiselect"})
_GETTERS = frozenset({"get", "getArgument"})
_NAMED_ID = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class Included:
    """A notebook with the cells of those that it runs, what was decided for it, and what stands against it."""

    notebook: Notebook
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()


class _NotHere(Exception):
    """A notebook that is run and cannot be had; the message says why."""


def with_others(notebook: Notebook, source: str, snapshot: Snapshot) -> Included:
    """The notebook with each `%run` of another notebook replaced by the other's code cells.

    `source` is where it lies in the repository. A cell that stands for another notebook's has the number of the `%run`.
    """
    cells: list[Cell] = []
    decisions, findings = [], []
    for cell in (part for one in notebook.cells for part in _parts(one)):
        run = _run_of(cell)
        if run is None:
            cells.append(_plain(cell))
            continue
        target, handed = run
        try:
            taken = tuple(_cells(target, handed, source, snapshot, (source,)))
        except _NotHere as error:
            findings.append(
                Finding(
                    "PR305", notebook.path, cell.number, cell.id, Span(1, 0, 1, len(cell.source.split("\n")[0])),
                    f"runs {target}, which {error}", "put that notebook beside this one, where %run names it",
                    Severity.BLOCKS, cell.source.strip().split("\n")[0],
                )
            )  # fmt: skip
            cells.append(cell)
            continue
        many = f"{len(taken)} cell{'s' if len(taken) != 1 else ''}"
        given = f", with {', '.join(f'{name} = {value!r}' for name, value in handed.items())}" if handed else ""
        what = f"%run {target} becomes its {many}{given}"
        decisions.append(Decision(DecisionKind.INPUT, name_of(cell), what, "a production notebook runs no other"))
        cells += [_named(each, cell, place) for place, each in enumerate(taken, start=1)]
    return Included(replace(notebook, cells=tuple(cells)), tuple(decisions), tuple(findings))


def _parts(cell: Cell) -> Iterator[Cell]:
    """The cell, cut where it runs other notebooks among other lines."""
    lines = cell.source.split("\n")
    if cell.kind is not CellKind.CODE or "databricks" in cell.metadata or not any(map(_RUN_LINE.match, lines)):
        yield cell
        return
    groups: list[list[str]] = [[]]
    for line in lines:
        if _RUN_LINE.match(line):
            groups += [[line], []]
        else:
            groups[-1].append(line)
    held = ["\n".join(group) for group in groups if any(line.strip() for line in group)]
    if len(held) == 1:
        yield cell
        return
    for place, source in enumerate(held, start=1):
        id_ = cell.id if place == 1 else f"{_NAMED_ID.sub('', cell.id)[:56]}-part-{place}"
        shown = cell.outputs if place == len(held) else ()
        yield replace(cell, id=id_, source=source.strip("\n"), outputs=shown)


def _run_of(cell: Cell) -> tuple[str, Mapping[str, str]] | None:
    """What a cell that does nothing else runs, and the values that it hands over."""
    code = "\n".join(line for line in cell.source.split("\n") if not line.lstrip().startswith("#"))
    found = _RUN.match(code) if cell.kind is CellKind.CODE else None
    if not found:
        return None
    target = found[1] or found[2] or found[3]
    is_databricks = "databricks" in cell.metadata
    if target.startswith("-") or not (is_databricks or target.endswith(".ipynb")):
        return None  # a script, which IPython runs in a namespace of its own
    handed = {name: a or b or c for name, a, b, c in _HANDED.findall(found[4])}
    return target, handed


def _cells(
    target: str, handed: Mapping[str, str], source: str, snapshot: Snapshot, open_notebooks: tuple[str, ...]
) -> Iterator[Cell]:
    if target.startswith("/"):
        raise _NotHere("names a place in a workspace, not in the repository")
    place = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    if place.startswith("../"):
        raise _NotHere("lies outside of the repository")
    path = next((f"{place}{one}" for one in _SUFFIXES if snapshot.read_bytes(f"{place}{one}") is not None), None)
    content = snapshot.read_bytes(path) if path else None
    if path is None or content is None:
        raise _NotHere(f"is not there ({place})")
    if path in open_notebooks:
        raise _NotHere(f"runs {open_notebooks[-1]} in turn")
    try:
        other = parse(content, path)
    except UnreadableNotebook as error:
        raise _NotHere(f"cannot be read ({error.reason})") from error
    for cell in (part for one in other.code_cells for part in _parts(one)):
        run = _run_of(cell)
        if run is not None:
            yield from _cells(run[0], run[1], path, snapshot, (*open_notebooks, path))
        else:
            metadata = {**cell.metadata, "databricks": cell.metadata.get("databricks", {})}
            plain = _plain(cell)
            yield replace(plain, source=_given(plain, handed), metadata=metadata, outputs=(), execution_count=None)


def _plain(cell: Cell) -> Cell:
    """The cell without the line that says it is Python; the lines below keep their places."""
    is_python = cell.language == "python" and "databricks" in cell.metadata
    return replace(cell, source=_PYTHON.sub("\n", cell.source, count=1)) if is_python else cell


def _named(cell: Cell, run: Cell, place: int) -> Cell:
    made = f"{_NAMED_ID.sub('', run.id)[:40]}-{place}-{_NAMED_ID.sub('', cell.id)[:16]}"
    return replace(cell, id=made, number=run.number)


def _given(cell: Cell, handed: Mapping[str, str]) -> str:
    """The cell's source with these widgets' values as the texts they are."""
    if not handed:
        return cell.source
    if cell.language == "sql":
        return _given_in_sql(cell.source, handed)
    code = parse_cell(cell.source)
    if code is None:
        return cell.source
    makers = {id(one.value): one for one in code.tree.body if isinstance(one, ast.Expr)}
    edits = []
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=word, value=owner), args=[ast.Constant(value=str(name)), *_]) if (
                name in handed and ast.unparse(owner) in {"dbutils.widgets", "dbutils"}
            ):
                if word in _GETTERS:
                    edits.append(Rewrite(cell.id, code.span(node), _literal(handed[name])))
                elif word in _MAKERS and id(node) in makers:
                    line = code.whole_lines(makers[id(node)])
                    edits.append(Rewrite(cell.id, line or code.span(node), "" if line else "None"))
    return rewrite(cell.source, edits) if edits else cell.source


def _literal(text: str) -> str:
    return f'"{text}"' if not set(text) & set('"\\\n') else repr(text)


def _given_in_sql(source: str, handed: Mapping[str, str]) -> str:
    """SQL with values that are no parameters any more: where Databricks pastes, as it does, and else in quotes."""
    for name, value in handed.items():
        quoted = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        source = re.sub(rf"\$\{{{name}\}}|\{{\{{\s*{name}\s*\}}\}}", value.replace("\\", r"\\"), source)
        source = re.sub(rf"(?<![:\w]):{name}\b", quoted.replace("\\", r"\\"), source)
    return source
