"""Change the sources of some cells in a notebook's file, and nothing else: every other byte stays.

The places of a cell's text are found in the file, the text is replaced there, and what comes out is read again: when
anything but the sources differs, there is no patch.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]

from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook.file_lines import find_lines, items, json_sources
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook
from nbpromote.notebook.reading import decode, parse

_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)


@dataclass(frozen=True, slots=True)
class Change:
    """The text that goes in place of a run of characters, `end` exclusive."""

    start: int
    end: int
    text: str


def changed(source: str, changes: Sequence[Change]) -> str:
    """The text with these changes, which are in order and apart."""
    for change in reversed(changes):
        source = f"{source[: change.start]}{change.text}{source[change.end :]}"
    return source


def find_changes(
    notebook: Notebook, data: bytes, changes: Mapping[str, Sequence[Change]]
) -> Mapping[str, tuple[Change, ...]]:
    """The changes to cells, by id, as changes to the file's text, for each cell whose text is found there exactly."""
    text, _ = decode(data, notebook.path)
    cells = [cell for cell in notebook.cells if cell.id in changes]
    if notebook.format in {Format.IPYNB, Format.DATABRICKS_IPYNB}:
        return _in_json(text, cells, changes)
    return _in_text(notebook, data, text, cells, changes)


def patch(notebook: Notebook, data: bytes, changes: Mapping[str, Sequence[Change]]) -> tuple[bytes, frozenset[str]]:
    """The file's content with these changes to cells, by id, and the ids of the cells that were changed.

    A cell that cannot be changed without touching anything else stays as it is.
    """
    text, encoding = decode(data, notebook.path)
    if text.encode(encoding, "surrogatepass") != data:
        return data, frozenset()
    placed = find_changes(notebook, data, {key: value for key, value in changes.items() if value})
    for wanted in (placed, *({cell_id: one} for cell_id, one in placed.items() if len(placed) > 1)):
        made = sorted((each for one in wanted.values() for each in one), key=lambda each: each.start)
        content = changed(text, made).encode(encoding, "surrogatepass")
        if wanted and _is_right(notebook, content, {cell_id: changes[cell_id] for cell_id in wanted}):
            return content, frozenset(wanted)
    return data, frozenset()


def _is_right(notebook: Notebook, content: bytes, changes: Mapping[str, Sequence[Change]]) -> bool:
    """Whether the content is the notebook with these changes and no other."""
    try:
        again = parse(content, notebook.path)
    except UnreadableNotebook:
        return False
    wanted = [_told(cell, changed(cell.source, changes.get(cell.id, ()))) for cell in notebook.cells]
    made = [_told(cell, cell.source) for cell in again.cells]
    if notebook.format not in {Format.IPYNB, Format.DATABRICKS_IPYNB}:
        # Text has no place for an empty cell.
        wanted, made = ([one for one in told if str(one[1]).strip()] for told in (wanted, made))
    return wanted == made and again.metadata == notebook.metadata and again.format is notebook.format


def _told(cell: Cell, source: str) -> tuple[object, ...]:
    metadata = {key: value for key, value in cell.metadata.items() if key != "databricks"}
    source = source if cell.kind is CellKind.MARKDOWN else source.strip("\n")
    return cell.kind, source, cell.language, cell.tags, metadata, cell.execution_count, cell.outputs


def _in_json(
    text: str, cells: Iterable[Cell], changes: Mapping[str, Sequence[Change]]
) -> Mapping[str, tuple[Change, ...]]:
    try:
        places = list(json_sources(text))
    except (ValueError, IndexError, RecursionError):
        return {}
    is_ascii = text.isascii() and bool(re.search(r"\\u(?!001b)[0-9a-fA-F]{4}", text))
    found = {}
    for cell in cells:
        at = places[cell.number - 1] if cell.number <= len(places) else None
        places_of = _characters(text, at) if at is not None else None
        if places_of is None or places_of[0] != cell.source:
            continue
        raw = places_of[1]
        found[cell.id] = tuple(
            Change(raw[one.start], raw[one.end], json.dumps(one.text, ensure_ascii=is_ascii)[1:-1])
            for one in changes[cell.id]
        )
    return found


def _characters(text: str, at: int) -> tuple[str, list[int]] | None:
    """A source in JSON, a string or a list of some, and the place of each of its characters and of its end."""
    starts = [at] if text[at] == '"' else list(items(text, at)) if text[at] == "[" else []
    source, raw, end = "", [], at
    for start in starts:
        if text[start] != '"':
            return None
        string, after = scanstring(text, start + 1, False)
        end = start + 1
        for unit in _UNIT.finditer(text, start + 1, after - 1):
            raw.append(unit.start())
            end = unit.end()
        source += string
    return (source, [*raw, end]) if len(raw) == len(source) and starts else None


def _in_text(
    notebook: Notebook, data: bytes, text: str, cells: Iterable[Cell], changes: Mapping[str, Sequence[Change]]
) -> Mapping[str, tuple[Change, ...]]:
    lines = find_lines(notebook, data)
    rows = text.splitlines(keepends=True)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    found = {}
    for cell in cells:
        source, numbers = cell.source.split("\n"), lines.get(cell.number)
        if not numbers or len(numbers) != len(source):
            continue
        # Where the cell's line begins in the file's: behind a comment mark, for magics of Jupytext and Databricks.
        raw: list[int] = []
        newline = "\r\n" if rows[numbers[0] - 1].endswith("\r\n") else "\n"
        for line, number in zip(source, numbers, strict=True):
            row = rows[number - 1].rstrip("\r\n")
            begin = starts[number - 1] + max(row.rfind(line.rstrip()), 0)
            raw += [min(begin + column, starts[number - 1] + len(row)) for column in range(len(line) + 1)]
        found[cell.id] = tuple(
            Change(raw[one.start], raw[one.end], one.text.replace("\n", newline)) for one in changes[cell.id]
        )
    return found
