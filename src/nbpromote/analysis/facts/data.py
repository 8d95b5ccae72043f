"""What a notebook reads and writes, and what of it is written as literals and widgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nbpromote.analysis.facts.code import Span


class Direction(StrEnum):
    READ = "read"
    WRITE = "write"


class AccessKind(StrEnum):
    FILE = "file"
    TABLE = "table"
    TEMP_VIEW = "temp view"
    URL = "url"
    DATASET = "dataset"
    SECRET = "secret"
    SETTING = "setting"


class TargetKind(StrEnum):
    """How the code names what it reads or writes."""

    LITERAL = "literal"
    NAME = "name"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the code of an access stands, when that is in a function that the cell calls: the cell that defines the
    function, and in it the call, the expression that names the data, and the data that is written."""

    cell_id: str
    span: Span
    expression: str | None
    expression_span: Span | None
    receiver: str | None
    receiver_span: Span | None


@dataclass(frozen=True, slots=True)
class Access:
    """One place where a cell reads or writes data.

    `target` is the path or table as far as it is known (a literal, or a named constant followed to its literal), else
    None; `expression` is the source text of the argument that names it, `expression_span` where it stands; `span` is
    the whole call. `call` is the dotted callee with its root resolved through imports and, for methods, by what the
    receiver is taken to be: `pandas.read_csv`, `pandas.DataFrame.to_csv`, `pyspark.DataFrameReader.parquet`,
    `pyspark.DataFrameWriter.save`, `commonlib.lake.read`. `receiver` is the source text of the object whose data is
    written (`df` in `df.to_csv(p)` and in `df.write.mode("overwrite").parquet(p)`), `receiver_span` its place.
    `mode` is the write mode when it is known (`overwrite`, `append`, ...), `format` the data format. When a function of
    the notebook that the cell calls does it, `span` is the cell's own call, and `written` says where the code stands.
    """

    direction: Direction
    kind: AccessKind
    call: str
    span: Span
    target: str | None
    target_kind: TargetKind
    expression: str | None
    expression_span: Span | None
    format: str | None = None
    mode: str | None = None
    receiver: str | None = None
    receiver_span: Span | None = None
    options: Mapping[str, str] | None = None
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Widget:
    """A parameter of a Databricks notebook.

    `kind` is `text`, `dropdown`, `combobox` or `multiselect`; empty where the notebook only asks for its value. `name`,
    `default` and `choices` are as far as the code gives them as literals; `variable` is what its value is bound to."""

    cell_id: str
    name: str
    kind: str
    default: str | None
    choices: tuple[str, ...]
    label: str | None
    span: Span
    variable: str | None = None


class LiteralKind(StrEnum):
    PATH = "path"
    DATASET = "dataset"
    TABLE = "table"
    URL = "url"
    DATE = "date"
    DATE_FORMAT = "date format"
    NUMBER = "number"
    THRESHOLD = "threshold"
    SEED = "seed"
    TEXT = "text"
    CHOICE = "choice"
    COLUMNS = "columns"
    CREDENTIAL = "credential"
    MODEL_CONSTANT = "model constant"
    COLOUR = "colour"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal that may want to be a parameter.

    `name` is the variable it is bound to (`CUTOFF = "1998-01-01"`), or None for one written inline, for which
    `suggested_name` says what a person would call it (from the keyword argument, the callee or the value).
    `value` is the Python value; `source` its text. `comment` is the comment on its line, or right above. `confidence`
    is 0 to 1: how sure it is that a person would want it as a parameter; `reason` says why in a few words.
    `occurrences` are the spans (cell id, span) of equal literals elsewhere that mean the same.
    """

    cell_id: str
    kind: LiteralKind
    value: object
    source: str
    span: Span
    name: str | None
    suggested_name: str
    comment: str | None
    confidence: float
    reason: str
    statement_span: Span | None = None
    occurrences: tuple[tuple[str, Span], ...] = ()
