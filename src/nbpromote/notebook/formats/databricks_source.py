"""Databricks source: a script whose first line says so, cut into cells by COMMAND lines.

Jupytext takes such a file for a light script and makes text of its magics without a warning, so it is recognised before
Jupytext sees it. What a cell's text tells beyond its source is kept in its metadata under `databricks`: `title` and
`title_shown`; `magic`, whether its lines stand behind MAGIC; `prefix`, what stood before the text of a `%md` cell; and
`raw`, the cell's exact text, where writing it in the usual way would not give it back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from nbpromote.errors import NbpromoteError
from nbpromote.notebook import ids
from nbpromote.notebook.databricks import markdown_prefix, named_language
from nbpromote.notebook.model import EMPTY, Cell, CellKind, Format, Notebook

_COMMENTS = {"#": "python", "--": "sql", "//": "scala"}
# Exports of 2016 go on with "exported at" and the time.
_HEADER = re.compile(r"(#|--|//) Databricks notebook source(?: exported at [^\r\n]*)?[ \t]*(\r\n|\r|\n|$)")


class CannotBeSource(NbpromoteError):
    """A notebook with a cell that would be another one in Databricks source."""

    def __init__(self, path: str, cell: int) -> None:
        self.path, self.cell = path, cell
        super().__init__(
            f"{path} cell {cell}: would be read as other cells in Databricks source; "
            "take lines that look like COMMAND, MAGIC or DBTITLE lines out of it"
        )


@dataclass(frozen=True, slots=True)
class _Dialect:
    comment: str
    language: str
    newline: str


@dataclass(frozen=True, slots=True)
class _Position:
    is_first: bool
    is_last: bool


def recognises(text: str, suffix: str) -> bool:  # noqa: ARG001
    """Whether the first line says that this is Databricks source."""
    return _HEADER.match(text) is not None


def parse(text: str, path: str) -> Notebook:
    """The notebook in a Databricks source file."""
    header = _HEADER.match(text)
    if not header:
        raise ValueError("BUG: not Databricks source; please report it")
    language = "r" if header[1] == "#" and path.lower().endswith(".r") else _COMMENTS[header[1]]
    dialect = _Dialect(header[1], language, header[2] or "\n")
    chunks = _chunks(text[header.end() :], dialect)
    found = [_cell(raw, dialect, _Position(at == 0, at == len(chunks) - 1)) for at, raw in enumerate(chunks)]
    names = ids.assign((None, str(cell.kind), cell.source) for cell in found)
    cells = tuple(
        Cell(name, number, cell.kind, cell.source, cell.language, metadata=cell.metadata)
        for number, (name, cell) in enumerate(zip(names, found, strict=True), start=1)
    )
    metadata = {"databricks": MappingProxyType({"header": header[0], "newline": dialect.newline})}
    return Notebook(path, Format.DATABRICKS_SOURCE, language, cells, MappingProxyType(metadata))


def render(notebook: Notebook) -> str:
    """The notebook as Databricks source: what was read from such a file is given back character by character.

    A cell that was changed since, or that comes from elsewhere, is written in the usual way.

    Raises:
        CannotBeSource: a cell would not be read back as it is.
    """
    about = notebook.metadata.get("databricks")
    about = about if isinstance(about, Mapping) else EMPTY
    comment = next(mark for mark, language in {**_COMMENTS, "# ": "r"}.items() if language == notebook.language).strip()
    newline = str(about.get("newline", "\n"))
    header = str(about.get("header", f"{comment} Databricks notebook source{newline}"))
    dialect = _Dialect(comment, notebook.language, newline)
    texts = []
    for at, cell in enumerate(notebook.cells):
        position = _Position(at == 0, at == len(notebook.cells) - 1)
        raw = _known(cell).get("raw")
        is_unchanged = isinstance(raw, str) and _cell(raw, dialect, position, like=cell) == cell
        texts.append(str(raw) if is_unchanged else _usual(cell, dialect, position))
    text = header + "".join(texts)
    if notebook.format is not Format.DATABRICKS_SOURCE:
        _compare(notebook, parse(text, f"{notebook.path}{'.r' if notebook.language == 'r' else ''}"))
    return text


def _compare(notebook: Notebook, again: Notebook) -> None:
    for before, after in zip(notebook.cells, again.cells, strict=False):
        if (before.kind, before.language, before.source.strip()) != (after.kind, after.language, after.source.strip()):
            raise CannotBeSource(notebook.path, before.number)
    if len(notebook.cells) != len(again.cells):
        raise CannotBeSource(notebook.path, min(len(notebook.cells), len(again.cells)) or 1)


def _usual(cell: Cell, dialect: _Dialect, position: _Position) -> str:
    """The cell as Databricks itself writes it."""
    known = _known(cell)
    lines = [] if position.is_first else [f"{dialect.comment} COMMAND ----------", ""]
    if "title" in known:
        lines.append(f"{dialect.comment} DBTITLE {'1' if known.get('title_shown') else '0'},{known['title']}")
    prefix = known.get("prefix", "%md\n") if cell.kind is CellKind.MARKDOWN else ""
    source = f"{prefix}{cell.source}".split("\n")
    is_magic = known.get("magic") or cell.kind is CellKind.MARKDOWN or cell.language != dialect.language
    is_magic = is_magic or cell.source.lstrip().startswith("%")
    lines += (
        [
            f"{dialect.comment} MAGIC {line}".rstrip(" ") if not line else f"{dialect.comment} MAGIC {line}"
            for line in source
        ]
        if is_magic
        else source
    )
    if not position.is_last:
        lines.append("")
    return "".join(f"{line}{dialect.newline}" for line in lines)


def _known(cell: Cell) -> Mapping[str, object]:
    known = cell.metadata.get("databricks")
    return known if isinstance(known, Mapping) else EMPTY


def _chunks(body: str, dialect: _Dialect) -> list[str]:
    """The exact texts of the cells, each with the COMMAND line before it."""
    line = re.compile(rf"^{dialect.comment} COMMAND -{{10}}[ \t]*\r?$", re.M)
    starts = [0, *(found.start() for found in line.finditer(body))]
    return [body[start:end] for start, end in zip(starts, [*starts[1:], len(body)], strict=True)]


def _cell(raw: str, dialect: _Dialect, position: _Position, *, like: Cell | None = None) -> Cell:
    comment = re.escape(dialect.comment)
    text = re.sub(r"\r\n|\r", "\n", raw)
    text = re.sub(rf"\A{comment} COMMAND -{{10}}[ \t]*\n?", "", text).strip("\n")
    known: dict[str, object] = {}
    if title := re.match(rf"{comment} DBTITLE ([01]),(.*)\n?", text):
        known |= {"title": title[2], "title_shown": title[1] == "1"}
        text = text[title.end() :]
    lines = text.split("\n")
    magic = re.compile(rf"{comment} MAGIC(?: |$)")
    is_magic = all(magic.match(line) for line in lines)
    source = "\n".join(magic.sub("", line, count=1) for line in lines) if is_magic else text
    kind, language = CellKind.CODE, dialect.language
    if is_magic and (prefix := markdown_prefix(source)):
        kind, known["prefix"], source = CellKind.MARKDOWN, prefix, source[len(prefix) :]
    else:
        language = named_language(source) or language
    if is_magic:
        known["magic"] = True
    name, number = (like.id, like.number) if like else ("", 0)
    cell = Cell(name, number, kind, source, language, metadata=_metadata(known))
    if _usual(cell, dialect, position) == raw:
        return cell
    return replace(cell, metadata=_metadata({**known, "raw": raw}))


def _metadata(known: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType({"databricks": MappingProxyType(dict(known))})
