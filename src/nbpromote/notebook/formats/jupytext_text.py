"""Text that Jupytext reads: percent, light, Markdown, R Markdown and its other forms, with and without header."""

import re
import warnings
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any

from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook.formats import ipynb
from nbpromote.notebook.importing import import_without
from nbpromote.notebook.model import Format, Notebook

# Written out, so that other files are turned away without importing Jupytext, which takes longer than most readings.
# fmt: off
_SUFFIXES = frozenset((
    ".py", ".md", ".markdown", ".rmd", ".qmd", ".r", ".jl", ".scala", ".sql", ".sh", ".ps1", ".js", ".ts", ".cpp",
    ".cs", ".java", ".ss", ".clj", ".scm", ".m", ".q", ".gnuplot", ".gp", ".pro", ".groovy", ".robot", ".resource",
    ".tcl", ".lua", ".logo", ".go", ".hs", ".coco", ".sage", ".do", ".sas", ".bash", ".ml", ".mli", ".rs", ".xsh",
    ".maxima", ".mac",
))
# fmt: on
# Jupytext starts these programs to read their formats. No file may start a program.
_PROGRAMS = frozenset({"pandoc", "quarto", "marimo"})
# Some lines of YAML aliases of aliases hold a billion values.
_MOST_ALIASES = 10
_ALIAS = re.compile(r"[:\[,{?-]\s*\*\w")
# Jupytext refuses every encoding but "utf-8", "utf8" too; the text is decoded already.
_ENCODING = re.compile(r"(\A(?:.*\n)?[ \t\f]*(?:#|//|--).*?coding[:=][ \t]*)[-\w.]+")
_HEADER_MARK = re.compile(r"^\W{0,3}[ \t]*---[ \t]*$", re.M)
_WITHOUT_PROGRAM = {".md": "markdown", ".markdown": "markdown", ".py": "light"}
# https://quarto.org/docs/computations/parameters.html
_QUARTO_TAGS = re.compile(r"^#\|[ \t]*tags:[ \t]*(?:\[([^\]\n]*)\]|(.+))$", re.M)


def library() -> Any:
    """Jupytext without its part for Jupyter servers."""
    return import_without("jupytext", ("jupytext.sync_contentsmanager", "jupytext.async_contentsmanager"))


def recognises(text: str, suffix: str) -> bool:  # noqa: ARG001
    """Whether Jupytext reads files with this suffix."""
    return suffix in _SUFFIXES


def parse(text: str, path: str) -> Notebook:
    """The notebook in a text. Nothing is executed, and no Jupytext configuration is looked for."""
    jupytext = library()
    from jupytext.formats import guess_format, read_format_from_metadata

    suffix = _suffix(path)
    if len(_ALIAS.findall(_header(text))) > _MOST_ALIASES:
        reason = "has a header that refers to its own parts so often that it may grow without bounds"
        raise UnreadableNotebook(path, reason, "write its header without YAML aliases")
    text = _ENCODING.sub(r"\1utf-8", text, count=1)
    form: dict[str, str] = {"extension": suffix}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            named = read_format_from_metadata(text, suffix)
            if suffix == ".qmd":  # Quarto's chunks are those of R Markdown
                form = {"extension": ".Rmd", "format_name": "rmarkdown"}
                node = jupytext.jupytext.TextNotebookConverter(form, None).reads(text)
            elif named in _PROGRAMS:
                raise UnreadableNotebook(
                    path,
                    f"is in the format {named}, which only the program {named} reads, and reading starts no program",
                    f'convert it to .ipynb with "jupytext --to ipynb {path}", if you trust it',
                )
            elif not named and guess_format(text, suffix)[0] in _PROGRAMS:
                form["format_name"] = _WITHOUT_PROGRAM[suffix]
                node = jupytext.jupytext.TextNotebookConverter(form, None).reads(text)
            else:
                node = jupytext.reads(text, form)
    except UnreadableNotebook:
        raise
    except Exception as error:  # Jupytext and YAML raise whatever they run into
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnreadableNotebook(path, f"cannot be read as a text notebook: {reason}", "look at its header") from error
    return ipynb.from_document(_plain(node, has_chunks=suffix in {".qmd", ".Rmd"}), path, Format.TEXT)


def _header(text: str) -> str:
    marks = [found.start() for found in islice(_HEADER_MARK.finditer(text), 2)]
    return text[marks[0] : marks[1]] if len(marks) == 2 else ""


def _suffix(path: str) -> str:
    suffix = PurePath(path).suffix
    return {".rmd": ".Rmd", ".r": suffix}.get(suffix.lower(), suffix.lower())


def _plain(node: Mapping[str, object], *, has_chunks: bool) -> Mapping[str, object]:
    """The document without what Jupytext adds on each reading: random ids and how the text was represented."""
    metadata = {key: value for key, value in _mapping(node.get("metadata")).items() if key != "jupytext"}
    about = dict(_mapping(_mapping(node.get("metadata")).get("jupytext")))
    main = about.get("main_language")
    kept = {
        key: value for key, value in about.items() if not re.match(r"text_representation|.*_filter$|main_language", key)
    }
    if kept:
        metadata["jupytext"] = kept
    if isinstance(main, str) and "kernelspec" not in metadata and "language_info" not in metadata:
        metadata["language_info"] = {"name": main}
    listed = node.get("cells")
    cells = listed if isinstance(listed, list) else []
    if _mapping(about.get("text_representation")).get("format_name") == "sphinx":
        # Jupytext begins these with a magic that the text has not, and makes an empty cell of each `""` between two.
        cells = [cell for cell in cells[1:] if cell["source"] or cell["cell_type"] != "markdown"]
    return {"cells": [_plain_cell(cell, has_chunks=has_chunks) for cell in cells], "metadata": metadata}


def _plain_cell(cell: Mapping[str, object], *, has_chunks: bool) -> Mapping[str, object]:
    metadata = _mapping(cell.get("metadata"))
    kept = {k: v for k, v in metadata.items() if not k.startswith("lines_to_") and k != "cell_marker"}
    is_chunk = has_chunks and cell.get("cell_type") == "code"
    chunk = _QUARTO_TAGS.search(str(cell.get("source"))) if is_chunk else None
    if chunk and "tags" not in kept:
        words = (word.strip(" \t\r\"'") for word in (chunk[1] or chunk[2] or "").split(","))
        kept["tags"] = [word for word in words if word]
    return {**{key: value for key, value in cell.items() if key != "id"}, "metadata": kept}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
