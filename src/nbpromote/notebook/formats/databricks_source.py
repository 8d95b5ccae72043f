"""Databricks source: a script whose first line says so, cut into cells by COMMAND lines.

Jupytext takes such a file for a light script and makes text of its magics without a warning, so it is recognised before.
What a cell's text tells beyond its source is kept in its metadata under `databricks`: `title`, `title_shown`, `prefix`
(what stood before the text of a `%md` cell), and `raw`, the cell's exact text, where writing it in the usual way would
not give it back.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType

from nbpromote.notebook import ids
from nbpromote.notebook.databricks import markdown_prefix, named_language
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook

_COMMENTS = {"#": "python", "--": "sql", "//": "scala"}
_HEADER = re.compile(r"(#|--|//) Databricks notebook source[ \t]*(\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class _Dialect:
    comment: str
    language: str
    newline: str


def recognises(text: str) -> bool:
    """Whether the first line says that this is Databricks source."""
    return _HEADER.match(text) is not None


def parse(text: str, path: str) -> Notebook:
    """The notebook in a Databricks source file."""
    header = _HEADER.match(text)
    if not header:
        raise ValueError("BUG: not Databricks source; please report it")
    language = "r" if header[1] == "#" and path.lower().endswith(".r") else _COMMENTS[header[1]]
    dialect = _Dialect(header[1], language, header[2] or "\n")
    found = [_cell(raw, dialect) for raw in _chunks(text[header.end() :], dialect)]
    names = ids.assign((None, str(cell.kind), cell.source) for cell in found)
    cells = tuple(
        Cell(name, number, cell.kind, cell.source, cell.language, metadata=cell.metadata)
        for number, (name, cell) in enumerate(zip(names, found, strict=True), start=1)
    )
    metadata = {"databricks": MappingProxyType({"header": header[0], "newline": dialect.newline})}
    return Notebook(path, Format.DATABRICKS_SOURCE, language, cells, MappingProxyType(metadata))


def _chunks(body: str, dialect: _Dialect) -> list[str]:
    """The exact texts of the cells, each with the COMMAND line before it."""
    line = re.compile(rf"^{dialect.comment} COMMAND -{{10}}[ \t]*\r?$", re.M)
    starts = [0, *(found.start() for found in line.finditer(body))]
    return [body[start:end] for start, end in zip(starts, [*starts[1:], len(body)], strict=True)]


def _cell(raw: str, dialect: _Dialect) -> Cell:
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
    known["magic"] = is_magic
    known["raw"] = raw
    return Cell("", 0, kind, source, language, metadata=MappingProxyType({"databricks": MappingProxyType(known)}))
