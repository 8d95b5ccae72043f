"""A notebook's file in another form: Databricks source, a Databricks export, py:percent, .ipynb."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType

from nbpromote.notebook.formats import databricks_mapping, databricks_source, ipynb, percent, stripping
from nbpromote.notebook.formats.databricks_ipynb import CELL, NOTEBOOK
from nbpromote.notebook.formats.databricks_mapping import Note
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook
from nbpromote.notebook.reading import decode, parse

_SUFFIXES = {"python": ".py", "sql": ".sql", "r": ".r", "scala": ".scala"}
_DATABRICKS = frozenset({Format.DATABRICKS_SOURCE, Format.DATABRICKS_IPYNB})


class Form(StrEnum):
    """What a notebook can be written as."""

    DATABRICKS = "databricks"
    DATABRICKS_IPYNB = "databricks-ipynb"
    PERCENT = "percent"
    IPYNB = "ipynb"


@dataclass(frozen=True, slots=True)
class Converted:
    """A file's content in the other form, the suffix that such files have, and what found no place there."""

    content: bytes
    suffix: str
    notes: tuple[Note, ...] = ()


def convert(data: bytes, path: str, form: Form, *, with_outputs: bool = False) -> Converted:
    """The notebook of a file in another form.

    Outputs, counts and the values that somebody chose in widgets are left out unless they are asked for; text has no
    place for them. A file that has the form already keeps every byte of what stays.

    Raises:
        UnreadableNotebook, CannotRender, CannotBeSource: it cannot be read, or has a cell that cannot be written.
    """
    notebook = parse(data, path)
    if form is Form.DATABRICKS:
        return _as_source(notebook, data)
    if form is Form.PERCENT:
        if notebook.format in _DATABRICKS:
            notebook = databricks_mapping.to_jupyter(notebook)
        return Converted(percent.render(notebook).encode(), ".py")
    is_same = notebook.format is (Format.DATABRICKS_IPYNB if form is Form.DATABRICKS_IPYNB else Format.IPYNB)
    if is_same and PurePath(path).suffix.lower() == ".ipynb":
        text, encoding = decode(data, path)
        kept = data if with_outputs else stripping.stripped(text).encode(encoding)
        return Converted(kept, ".ipynb")
    notes: tuple[Note, ...] = ()
    if form is Form.IPYNB:
        notebook = databricks_mapping.to_jupyter(notebook) if notebook.format in _DATABRICKS else notebook
    else:
        notebook, notes = databricks_mapping.to_databricks(notebook)
        notebook = _as_export(notebook)
    content = ipynb.render(notebook)
    if not with_outputs:
        content = stripping.stripped(content.decode()).encode()
    return Converted(content, ".ipynb", notes)


def _as_source(notebook: Notebook, data: bytes) -> Converted:
    if notebook.format is Format.DATABRICKS_SOURCE:
        return Converted(data, _SUFFIXES[notebook.language])
    notebook, notes = databricks_mapping.to_databricks(notebook)
    return Converted(databricks_source.render(notebook).encode(), _SUFFIXES.get(notebook.language, ".py"), notes)


def _as_export(notebook: Notebook) -> Notebook:
    about = notebook.metadata.get(NOTEBOOK)
    told = {
        "dashboards": [],
        "language": notebook.language,
        "notebookMetadata": {"pythonIndentUnit": 4},
        "notebookName": PurePath(notebook.path).stem,
        **(dict(about) if isinstance(about, dict | MappingProxyType) else {"widgets": {}}),
    }
    cells = tuple(_cell_of_export(cell) for cell in notebook.cells)
    metadata = {"language_info": {"name": notebook.language}, NOTEBOOK: told}
    return replace(notebook, format=Format.DATABRICKS_IPYNB, cells=cells, metadata=MappingProxyType(metadata))


def _cell_of_export(cell: Cell) -> Cell:
    known = cell.metadata.get("databricks")
    title = known.get("title") if isinstance(known, dict | MappingProxyType) else None
    about: dict[str, object] = {
        "cellMetadata": {},
        "inputWidgets": {},
        "nuid": cell.id,
        "showTitle": False,
        "title": "",
    }
    if isinstance(known, dict | MappingProxyType) and title:
        about |= {"title": title, "showTitle": bool(known.get("title_shown"))}
    kept = {"databricks": known} if cell.kind is CellKind.MARKDOWN and known else {}
    return replace(cell, metadata=MappingProxyType({CELL: about, **kept}))
