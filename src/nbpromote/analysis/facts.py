"""What analysis says of a notebook: for each cell what it needs, makes and changes, and what flows between cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nbpromote.notebook.model import Notebook


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a cell's source as the user wrote it: 1-based lines, 0-based columns in characters, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import statement binds. `from pandas import DataFrame as DF` is
    `Import("pandas", "DataFrame", "DF", ...)`; `import numpy as np` has no `attribute`; a star import has `"*"`.
    `is_guarded`: it stands in a `try` that goes on when the module is missing."""

    module: str
    attribute: str | None
    name: str
    span: Span
    top_level: bool = True
    level: int = 0
    is_guarded: bool = False


class DefinitionKind(StrEnum):
    FUNCTION = "function"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class at the top level of a cell.

    `free` are the notebook's names that its body reads when it is called (other functions and imports included,
    builtins excluded); `mutates_free` are those of them that it changes or rebinds (`global`); `mutates_arguments` the
    parameters whose objects it changes in place. `header` are the names that are read where the definition stands:
    decorators, defaults, annotations, base classes. `span` covers the decorators too.
    """

    name: str
    kind: DefinitionKind
    span: Span
    parameters: tuple[str, ...]
    free: frozenset[str]
    mutates_free: frozenset[str] = frozenset()
    mutates_arguments: frozenset[str] = frozenset()
    docstring: str | None = None
    has_decorators: bool = False
    header: frozenset[str] = frozenset()


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
class Call:
    """One call of a library, in a cell or in a function that it defines: `callee` is its dotted name, with the root
    resolved through imports and, for methods, by what the receiver is taken to be: `pyspark.DataFrame.limit`."""

    callee: str
    span: Span


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


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell could not be understood: the message and where."""

    message: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What one code cell needs, makes and changes, at the level of the notebook's names.

    - `binds`: names that it assigns, imports or defines (augmented assignment and `del` targets are in `reads` too);
    - `reads`: names whose value from before the cell it may use (through functions it calls, followed, also);
    - `mutates`: names of which the object may be changed in place; `mutation_reasons` says how, per name;
    - `deletes`: names that it deletes;
    - `carries`: names of which a value from before may live on, but need not exist: bound on some ways through the cell
      only, or used by code that may never run (they make edges, but never hidden state);
    - `binds_unknown`: it binds names that nobody can list (`from x import *`, `%run`, `exec`);
    - `displays`: it shows something that a reader would look at (last expression, print, plot, display);
    - `is_peek`: all that it does is to look (`df.head()`, `df.shape`, `len(x)`), nothing is bound or changed;
    - `opaque`: effects that analysis cannot see into (shell, other languages), as short texts;
    - `calls`: the calls of pandas, NumPy and Spark that stand in it, in the order of the text;
    - `resources_read`, `resources_changed`: state outside names, as keys that cells share and by which they keep their
      order: `"temp view x"`, `"table x"`, `"file data/x.csv"`, `"random state of numpy"`, `"spark conf"`, `"figure"`.
    """

    cell_id: str
    binds: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    mutation_reasons: Mapping[str, str] | None = None
    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()
    accesses: tuple[Access, ...] = ()
    resources_read: frozenset[str] = frozenset()
    resources_changed: frozenset[str] = frozenset()
    displays: bool = False
    is_peek: bool = False
    opaque: tuple[str, ...] = ()
    magics: tuple[str, ...] = ()
    pip_requirements: tuple[str, ...] = ()
    problem: Problem | None = None
    carries: frozenset[str] = frozenset()
    binds_unknown: bool = False
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` needs `name` (a variable, or a resource such as `temp view v`) from `source`; both are cell ids.
    `kind` is `value`, `mutation` (source changed the object in place) or `resource`."""

    source: str
    target: str
    name: str
    kind: str = "value"


class OrderKind(StrEnum):
    DOCUMENT = "document"
    EXECUTION = "execution counts"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class HiddenState:
    """A name that a cell reads and that no cell before it, in the chosen order, has bound.

    `kind`: `gone` (no cell binds it), `later` (a later cell binds it), `changed` (bound only by a cell that was changed
    after it ran, as far as outputs and counts tell), `deleted`."""

    cell_id: str
    name: str
    kind: str
    definers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """The order in which the notebook runs, and what flows between its cells in that order.

    `order` holds the ids of all code cells, `order_kind` how it was found: document order when that runs, else the
    execution counts, else a topological order that moves as little as possible. `hidden` is what stays unresolved in
    `order`; `hidden_in_document` what would be unresolved from top to bottom."""

    order: tuple[str, ...]
    order_kind: OrderKind
    edges: tuple[Edge, ...]
    hidden: tuple[HiddenState, ...]
    hidden_in_document: tuple[HiddenState, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that analysis knows of a notebook."""

    notebook: Notebook
    cells: tuple[CellFacts, ...]
    flow: Flow
    literals: tuple[Literal, ...]
    widgets: tuple[Widget, ...] = ()
    _by_id: dict[str, CellFacts] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {cell.cell_id: cell for cell in reversed(self.cells)})

    def of(self, cell_id: str) -> CellFacts:
        """The facts of this code cell; KeyError when there is none."""
        return self._by_id[cell_id]


@dataclass(frozen=True, slots=True)
class Slice:
    """The cells that a result needs, in running order, each with the reason why it is in."""

    cells: tuple[str, ...]
    reasons: Mapping[str, str]
