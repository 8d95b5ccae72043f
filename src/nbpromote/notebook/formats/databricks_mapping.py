"""A Databricks notebook as one of Jupyter, and back: what each construct becomes.

A cell in another language says so by one percent sign in Databricks (`%sql`), by a cell magic in Jupyter (`%%sql`); a
title is Jupytext's title of the cell. What Jupyter has no word for (a hidden title, code on the magic's own line, the
prefix of a `%md-sandbox`) stays in the cell's metadata under `databricks`: the way back leads to the same cells.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from nbpromote.notebook.databricks import named_language
from nbpromote.notebook.formats.databricks_ipynb import CELL, NOTEBOOK
from nbpromote.notebook.model import EMPTY, Cell, CellKind, Format, Notebook

_TO_JUPYTER = {"sql": "sql", "r": "R", "scala": "scala", "sh": "sh", "python": "", "py": ""}
_TO_DATABRICKS = {"sql": "sql", "R": "r", "r": "r", "scala": "scala", "sh": "sh", "bash": "sh"}
_LANGUAGES = {"sql": "sql", "r": "r", "scala": "scala", "sh": "bash", "python": "python", "py": "python"}
_NAMED = re.compile(r"\s*%(sql|r|scala|sh|python|py)(?![\w-])[ \t]*([^\n]*)(\n|\Z)")
_CELL_MAGIC = re.compile(r"%%(\w+)[ \t]*([^\n]*)(?:\n|\Z)")
# What Jupytext takes for a title, and not for a kind, a tag or an option of the cell.
_TITLE = re.compile(r"[^\W\d][\w ,.:;!?()/&'-]*[\w.!?)]")
_UNKNOWN = ("R", "r", "sql", "scala", "sh", "bash")


@dataclass(frozen=True, slots=True)
class Note:
    """What did not find a place in the other form; `cell` is its number."""

    cell: int
    text: str


def shown_title(cell: Cell) -> str | None:
    """The title that a cell shows in Databricks, or has in Jupytext, when Jupytext can write it."""
    known = _mapping(cell.metadata.get("databricks"))
    title = known.get("title") if known.get("title_shown") else cell.metadata.get("title")
    return title if isinstance(title, str) and _TITLE.fullmatch(title) else None


def to_jupyter(notebook: Notebook) -> Notebook:
    """A Databricks notebook as one that Jupyter runs cells of: its main language is Python."""
    about: dict[str, object] = {}
    if notebook.language != "python":
        about["language"] = notebook.language
    known = _mapping(notebook.metadata.get("databricks"))
    about |= {key: known[key] for key in ("header", "newline") if key in known and not _is_usual(key, known[key])}
    metadata: dict[str, object] = {
        key: value for key, value in notebook.metadata.items() if key not in {"databricks", NOTEBOOK, "language_info"}
    }
    if widgets := _widgets(notebook.metadata):
        metadata[NOTEBOOK] = {"widgets": widgets}
    if about:
        metadata["databricks"] = about
    metadata.setdefault("kernelspec", {"display_name": "Python 3", "language": "python", "name": "python3"})
    cells = tuple(_cell_to_jupyter(cell, notebook.language) for cell in notebook.cells)
    return Notebook(notebook.path, Format.IPYNB, "python", cells, MappingProxyType(metadata))


def to_databricks(notebook: Notebook) -> tuple[Notebook, tuple[Note, ...]]:
    """A notebook of Jupyter as one of Databricks, and what has no counterpart there."""
    if notebook.format in {Format.DATABRICKS_SOURCE, Format.DATABRICKS_IPYNB}:
        return notebook, ()
    about = _mapping(notebook.metadata.get("databricks"))
    language = str(about.get("language") or notebook.language)
    notes = tuple(note for cell in notebook.cells for note in _notes(cell))
    cells = tuple(_cell_to_databricks(cell, notebook.language, language) for cell in notebook.cells)
    kept = {key: about[key] for key in ("header", "newline") if key in about}
    metadata: dict[str, object] = {NOTEBOOK: notebook.metadata[NOTEBOOK]} if NOTEBOOK in notebook.metadata else {}
    if kept:
        metadata["databricks"] = kept
    return replace(notebook, language=language, cells=cells, metadata=MappingProxyType(metadata)), notes


def _cell_to_jupyter(cell: Cell, main: str) -> Cell:
    known = _mapping(cell.metadata.get("databricks"))
    metadata = {key: value for key, value in cell.metadata.items() if key not in {"databricks", CELL}}
    kept: dict[str, object] = {}
    title = known.get("title")
    if title is not None and (shown := shown_title(cell)) == title:
        metadata["title"] = shown
    elif isinstance(title, str):
        kept = {"title": title, "title_shown": bool(known.get("title_shown"))}
    source, language = cell.source, "python"
    if cell.kind is CellKind.MARKDOWN:
        if known.get("prefix", "%md\n") != "%md\n":
            kept["prefix"] = known["prefix"]
    elif named := _NAMED.match(source):
        # Options, as of `%sh -e`, stay on the line of a cell magic; a statement goes to a line of its own.
        is_inline = bool(named[2].strip()) and not (named[1] == "sh" and named[2].startswith("-"))
        first = f"%%{_TO_JUPYTER[named[1]]}" if _TO_JUPYTER[named[1]] else ""
        options = named[2].strip() if first and not is_inline else ""
        before = source[: named.start(2) if is_inline else named.end()]
        source = source[len(before) :]
        usual = f"%{named[1]} {options}\n" if options else f"%{named[1]}\n"
        if before != usual or not first or _LANGUAGES[named[1]] == main:
            kept["first"] = before
        source = f"{first} {options}".rstrip() + f"\n{source}" if first else source
    elif (
        cell.kind is CellKind.CODE and main in _TO_JUPYTER and main != "python" and not source.lstrip().startswith("%")
    ):
        source = f"%%{_TO_JUPYTER[main]}\n{source}"
    elif (magic := _CELL_MAGIC.match(source)) and magic[1] in _TO_DATABRICKS:
        kept["first"] = ""  # a cell magic of IPython, there already
    if kept:
        metadata["databricks"] = kept
    return replace(cell, source=source, language=language, metadata=MappingProxyType(metadata))


def _cell_to_databricks(cell: Cell, spoken: str, main: str) -> Cell:
    """`spoken` is the notebook's language now, `main` the one that it has in Databricks."""
    own = _mapping(cell.metadata.get("databricks"))
    known: dict[str, object] = {key: own[key] for key in ("title", "title_shown", "prefix") if key in own}
    title = cell.metadata.get("title")
    if isinstance(title, str) and "title" not in known:
        known |= {"title": " ".join(title.split()), "title_shown": True}
    source, language, kind = cell.source, main, cell.kind
    if kind is CellKind.RAW:
        source, kind = f"```\n{source}\n```", CellKind.MARKDOWN
    if kind is CellKind.MARKDOWN:
        known |= {"prefix": known.get("prefix", "%md\n"), "magic": True}
        return replace(cell, kind=kind, source=source, language=main, tags=(), metadata=_told(known))
    if re.match(r"\s*%(?!%)", source) and "first" not in own:
        # `%run`, `%pip`, `%fs`: the same word in both.
        known["magic"] = True
        language = named_language(source) or main
        return replace(cell, language=language, tags=(), metadata=_told(known))
    magic = _CELL_MAGIC.match(source)
    word = _TO_DATABRICKS.get(magic[1], "") if magic else "python" if spoken == "python" else ""
    first = own.get("first")
    if isinstance(first, str):
        language = named_language(first) or main
        is_named = magic is not None and word != "" and _LANGUAGES[word] == language and first != ""
        source = first + (source[magic.end() :] if magic and is_named else source)
    elif magic and (not word or not _is_plain(magic[1], magic[2])):
        # A cell magic of IPython: Databricks' Python has the same ones.
        source = source if main == "python" else f"%python\n{source}"
        language = "python"
    elif word and _LANGUAGES[word] != main:
        options = f" {magic[2].strip()}" if magic and magic[2].strip() else ""
        source = f"%{word}{options}\n{source[magic.end() :] if magic else source}"
        language = _LANGUAGES[word]
    elif magic:
        source = source[magic.end() :]
    if source.lstrip().startswith("%"):
        known["magic"] = True
    return replace(cell, source=source, language=language, tags=(), metadata=_told(known))


def _notes(cell: Cell) -> list[Note]:
    found = [f"the tag {tag} has no place" for tag in cell.tags]
    if cell.kind is CellKind.RAW:
        found.append("raw text becomes Markdown")
    magic = _CELL_MAGIC.match(cell.source) if cell.kind is CellKind.CODE else None
    if magic and magic[1] in _UNKNOWN and not _is_plain(magic[1], magic[2]):
        found.append(f"{magic[0].strip()} has no counterpart and stays as it is")
    return [Note(cell.number, text) for text in found]


def _is_plain(name: str, arguments: str) -> bool:
    """Whether a cell magic has nothing on its line but what Databricks takes there, too."""
    return not arguments.strip() or (name in {"sh", "bash"} and re.fullmatch(r"-\w+", arguments.strip()) is not None)


def _widgets(metadata: Mapping[str, object]) -> dict[str, object]:
    """The widgets that an export tells of, without what somebody last chose in them."""
    listed = _mapping(_mapping(metadata.get(NOTEBOOK)).get("widgets"))
    return {
        name: {key: value for key, value in _mapping(each).items() if key == "widgetInfo"}
        for name, each in listed.items()
    }


def _is_usual(key: str, value: object) -> bool:
    usual = {"newline": r"\n", "header": r"(#|--|//) Databricks notebook source\r?\n"}[key]
    return re.fullmatch(usual, str(value)) is not None


def _told(known: dict[str, object]) -> Mapping[str, object]:
    return MappingProxyType({"databricks": MappingProxyType(known)})


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else EMPTY
