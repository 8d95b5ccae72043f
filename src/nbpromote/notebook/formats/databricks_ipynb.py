"""What a Databricks export adds to the .ipynb format: languages by one percent sign, titles, widgets.

The export's own metadata stay as they are; what a cell says by its first line and its metadata is told again under the
cell metadata's key `databricks`, in the same words as for Databricks source.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from nbpromote.notebook import languages
from nbpromote.notebook.databricks import markdown_prefix, named_language
from nbpromote.notebook.model import EMPTY, Cell, CellKind

NOTEBOOK = "application/vnd.databricks.v1+notebook"
CELL = "application/vnd.databricks.v1+cell"


def recognises(metadata: Mapping[str, object]) -> bool:
    """Whether these are the metadata of a notebook that Databricks exported."""
    return isinstance(metadata.get(NOTEBOOK), Mapping)


def language(metadata: Mapping[str, object]) -> str | None:
    """The notebook's main language."""
    value = _mapping(metadata.get(NOTEBOOK)).get("language")
    return languages.named(value) if isinstance(value, str) and value.strip() else None


def own_id(metadata: Mapping[str, object]) -> object:
    """The id that Databricks gave to a cell."""
    return _mapping(metadata.get(CELL)).get("nuid")


def understand(cell: Cell) -> Cell:
    """The cell with the language and kind that its first line names, and its title, told under `databricks`."""
    told = _mapping(cell.metadata.get(CELL))
    known = dict(_mapping(cell.metadata.get("databricks")))
    title = told.get("title")
    if isinstance(title, str) and title:
        known |= {"title": title, "title_shown": bool(told.get("showTitle"))}
    if cell.kind is CellKind.CODE:
        if prefix := markdown_prefix(cell.source):
            known |= {"prefix": prefix, "magic": True}
            cell = replace(cell, kind=CellKind.MARKDOWN, source=cell.source[len(prefix) :])
        elif named := named_language(cell.source):
            known["magic"] = True
            cell = replace(cell, language=named)
    return replace(cell, metadata=MappingProxyType({**cell.metadata, "databricks": known})) if known else cell


def restore(cell: Cell) -> Cell:
    """The cell as the export has it: `understand` undone."""
    known = _mapping(cell.metadata.get("databricks"))
    metadata = {key: value for key, value in cell.metadata.items() if key != "databricks"}
    prefix = known.get("prefix")
    if isinstance(prefix, str) and re.match(r"\s*%md", prefix):
        cell = replace(cell, kind=CellKind.CODE, source=prefix + cell.source)
    return replace(cell, metadata=MappingProxyType(metadata))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else EMPTY
