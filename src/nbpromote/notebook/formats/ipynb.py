"""Jupyter's own format: nbformat 4 of every minor version, and 3 and older.

Read by json alone: nbformat refuses notebooks that Jupyter shows, and its import takes longer than most readings.
"""

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import ids, languages
from nbpromote.notebook.formats import databricks_ipynb, outputs
from nbpromote.notebook.model import EMPTY, Cell, CellKind, Format, Notebook

_SURROGATE_ESCAPE = re.compile(r"\\ud[89a-f][0-9a-f]{2}", re.I)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {
    "code": CellKind.CODE,
    "markdown": CellKind.MARKDOWN,
    "heading": CellKind.MARKDOWN,
    "html": CellKind.MARKDOWN,
    "text": CellKind.MARKDOWN,
}


def recognises(text: str, suffix: str) -> bool:
    """Whether this is meant to be an .ipynb file: by its suffix, else by its first character."""
    return suffix == ".ipynb" or (suffix in {"", ".json"} and text.lstrip().startswith("{"))


def parse(text: str, path: str) -> Notebook:
    """The notebook in the text of an .ipynb file."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(text, path, f"is not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error
    except ValueError as error:
        raise _refused(text, path, f"is not JSON that can be read: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise _refused(text, path, "is nested too deeply to be a notebook") from error
    if _SURROGATE_ESCAPE.search(text):
        document = _without_surrogates(document, path)
    return from_document(document, path)


def from_document(document: object, path: str, stored: Format = Format.IPYNB) -> Notebook:
    """The notebook in a parsed .ipynb document; also what Jupytext makes of a text."""
    if not isinstance(document, Mapping):
        kind = type(document).__name__
        raise UnreadableNotebook(path, f"is JSON ({kind}), but not a notebook", "a notebook is an object with cells")
    metadata = _mapping(document.get("metadata"))
    told = list(_cells(document, path))
    language = languages.main_language(metadata)
    if stored is Format.IPYNB and databricks_ipynb.recognises(metadata):
        stored, language = Format.DATABRICKS_IPYNB, databricks_ipynb.language(metadata) or language
    language = language or _language_of_cells(told) or "python"
    sources = [_source(cell) for cell in told]
    kinds = [_kind(cell) for cell in told]
    names = ids.assign(zip((_own_id(cell) for cell in told), kinds, sources, strict=True))
    cells = []
    for number, (raw, kind, source, name) in enumerate(zip(told, kinds, sources, names, strict=True), start=1):
        cell_metadata = _mapping(raw.get("metadata"))
        tags = cell_metadata.get("tags")
        cell = Cell(
            id=name,
            number=number,
            kind=kind,
            source=source,
            language=(_cell_language(raw, cell_metadata) or language) if kind is CellKind.CODE else language,
            tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            metadata=_frozen({key: value for key, value in cell_metadata.items() if key != "tags"}),
            execution_count=_count(raw) if kind is CellKind.CODE else None,
            outputs=outputs.parse(raw.get("outputs")) if kind is CellKind.CODE else (),
        )
        # Text that was made of a Databricks notebook keeps what is known of its cells.
        is_databricks = stored is Format.DATABRICKS_IPYNB or "databricks" in cell_metadata
        cells.append(databricks_ipynb.understand(cell) if is_databricks else cell)
    return Notebook(path, stored, language, tuple(cells), _frozen(metadata))


def render(notebook: Notebook) -> bytes:
    """The notebook as a valid .ipynb file of nbformat 4.5, ids kept."""
    text = json.dumps(to_document(notebook), indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def to_document(notebook: Notebook, *, for_text: bool = False) -> dict[str, object]:
    """The notebook as a document of nbformat 4.5 made of plain dicts and lists; without outputs if it is to be text."""
    metadata = _thawed(notebook.metadata)
    if languages.main_language(metadata) != notebook.language:
        metadata = {**metadata, "language_info": {"name": notebook.language}}
    is_export = notebook.format is Format.DATABRICKS_IPYNB and not for_text
    cells = []
    for cell in notebook.cells:
        plain = databricks_ipynb.restore(cell) if is_export else cell
        cell_metadata: dict[str, object] = {"tags": list(plain.tags)} if plain.tags else {}
        cell_metadata |= _thawed(plain.metadata)
        if plain.kind is CellKind.CODE and plain.language != notebook.language and "databricks" not in cell.metadata:
            cell_metadata["vscode"] = {**_mapping(cell_metadata.get("vscode")), "languageId": plain.language}
        rendered: dict[str, object] = {
            "cell_type": str(plain.kind),
            "id": plain.id,
            "metadata": cell_metadata,
            "source": plain.source.lstrip("\n").rstrip() if for_text else plain.source.splitlines(keepends=True),
        }
        if plain.kind is CellKind.CODE:
            rendered["execution_count"] = None if for_text else plain.execution_count
            rendered["outputs"] = [] if for_text else outputs.render(plain.outputs, plain.execution_count)
        cells.append(rendered)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cells(document: Mapping[str, object], path: str) -> Iterable[Mapping[str, object]]:
    cells = document.get("cells")
    if not isinstance(cells, list):
        sheets = document.get("worksheets")
        if not isinstance(sheets, list):
            what = "has no cells" if "nbformat" in document else "is JSON, but not a notebook: it has no cells"
            raise UnreadableNotebook(path, what, "a notebook is an object with a list of cells")
        cells = []
        for sheet in sheets:
            more = sheet.get("cells") if isinstance(sheet, Mapping) else None
            cells += more if isinstance(more, list) else []
    for cell in cells:
        # Nothing is dropped: what is no cell is kept as a raw one that shows it.
        yield cell if isinstance(cell, Mapping) else {"cell_type": "raw", "source": _json(cell)}


def _kind(cell: Mapping[str, object]) -> CellKind:
    kind = cell.get("cell_type")
    return _KINDS.get(kind, CellKind.RAW) if isinstance(kind, str) else CellKind.RAW


def _source(cell: Mapping[str, object]) -> str:
    raw = cell.get("source", cell.get("input", ""))
    text = _text(raw).replace("\r\n", "\n").replace("\r", "\n")
    level = cell.get("level")
    if cell.get("cell_type") == "heading":
        return f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {text}"
    return text


def _text(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, list):
        return "".join(part if isinstance(part, str) else _json(part) for part in raw)
    return "" if raw is None else _json(raw)


def _own_id(cell: Mapping[str, object]) -> object:
    """nbformat 4.5's id; before it Colab and Databricks kept one in the metadata."""
    metadata = _mapping(cell.get("metadata"))
    return cell.get("id") or metadata.get("id") or databricks_ipynb.own_id(metadata)


def _cell_language(cell: Mapping[str, object], metadata: Mapping[str, object]) -> str | None:
    """nbformat 3 tells each cell's language; VS Code tells those that differ."""
    for section, key in ((_mapping(metadata.get("vscode")), "languageId"), (cell, "language")):
        value = section.get(key)
        if isinstance(value, str) and value.strip():
            return languages.named(value)
    return None


def _language_of_cells(cells: list[Mapping[str, object]]) -> str | None:
    told = [cell.get("language") for cell in cells if cell.get("cell_type") == "code"]
    return next((languages.named(value) for value in told if isinstance(value, str) and value.strip()), None)


def _count(cell: Mapping[str, object]) -> int | None:
    count = cell.get("execution_count", cell.get("prompt_number"))
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else EMPTY


def _frozen(value: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType(dict(value)) if value else EMPTY


def _thawed(value: Mapping[str, object]) -> dict[str, object]:
    return {key: _thawed(item) if isinstance(item, Mapping) else item for key, item in value.items()}


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):
        return ""


def _without_surrogates(value: object, path: str) -> object:
    """Half characters cannot be written to any file or terminal; what Jupyter shows instead is U+FFFD."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    try:
        if isinstance(value, list):
            return [_without_surrogates(item, path) for item in value]
        if isinstance(value, dict):
            return {_LONE_SURROGATE.sub("\ufffd", key): _without_surrogates(item, path) for key, item in value.items()}
    except RecursionError as error:
        raise UnreadableNotebook(path, "is nested too deeply to be a notebook", "save it again from Jupyter") from error
    return value


def _refused(text: str, path: str, reason: str) -> UnreadableNotebook:
    if re.search(r"^<{7} ", text, re.M) and re.search(r"^>{7} ", text, re.M):
        return UnreadableNotebook(path, "holds the marks of a merge conflict", "resolve it, for example with nbdime")
    start = text[:200].lstrip().lower()
    if start.startswith("version https://git-lfs"):
        return UnreadableNotebook(path, "is a pointer of Git LFS, not the notebook", 'fetch it with "git lfs pull"')
    if start.startswith(("<!doctype", "<html")):
        return UnreadableNotebook(path, "is a web page, not the notebook", "download the raw file")
    hint = "the file may be cut off; save it again from Jupyter" if "JSON" in reason else "save it again from Jupyter"
    return UnreadableNotebook(path, reason, hint)
