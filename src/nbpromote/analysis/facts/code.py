"""What stands in the code of a cell: imports, definitions and calls, and where."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library, in a cell or in a function that it defines: `callee` is its dotted name, with the root
    resolved through imports and, for methods, by what the receiver is taken to be: `pyspark.DataFrame.limit`."""

    callee: str
    span: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell could not be understood: the message and where."""

    message: str
    span: Span | None
