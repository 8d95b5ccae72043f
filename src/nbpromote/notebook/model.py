"""A notebook as a value: cells with an id that they keep from the file to the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

EMPTY: Mapping[str, object] = MappingProxyType({})
EMPTY_TEXT: Mapping[str, str] = MappingProxyType({})


class CellKind(StrEnum):
    CODE = "code"
    MARKDOWN = "markdown"
    RAW = "raw"


class Format(StrEnum):
    """How the notebook was stored."""

    IPYNB = "ipynb"
    TEXT = "text"
    DATABRICKS_SOURCE = "databricks source"
    DATABRICKS_IPYNB = "databricks ipynb"


@dataclass(frozen=True, slots=True)
class Output:
    """One saved output of a cell.

    `kind` is nbformat's output type: `stream`, `display_data`, `execute_result` or `error`.
    `name` is the stream's name; `text` the stream's text or the error's traceback; `data` holds MIME type -> text or
    base64 (JSON types as JSON text); `error` is the exception's class name.
    """

    kind: str
    name: str = ""
    text: str = ""
    data: Mapping[str, str] = field(default_factory=lambda: EMPTY_TEXT)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `id` is unique in its notebook and stable between readings of the same file; `number` is its 1-based
    place in the document, which is what people are told."""

    id: str
    number: int
    kind: CellKind
    source: str
    language: str = "python"
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    execution_count: int | None = None
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    """A whole notebook. `path` is where it was read from, as the user wrote it; `language` is the main one."""

    path: str
    format: Format
    language: str
    cells: tuple[Cell, ...]
    metadata: Mapping[str, object] = field(default_factory=lambda: EMPTY)

    def cell(self, cell_id: str) -> Cell:
        """The cell with this id; KeyError when there is none."""
        for cell in self.cells:
            if cell.id == cell_id:
                return cell
        raise KeyError(cell_id)

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind is CellKind.CODE)
