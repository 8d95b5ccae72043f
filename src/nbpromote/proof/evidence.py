"""What was seen of one notebook while it ran."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow

from nbpromote.proof.outputs import Shown


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a cell left behind.

    `kind` is `scalar`, `frame`, `array`, `lazy frame`, `container`, `object`, `model`, `code`, `opaque` or `unknown`;
    `text` its text, schema or hash; `table` its content when it has any; `items` the parts of what has parts; `said`
    what a model predicts; `why` there is no content.
    """

    kind: str
    type: str
    text: str = ""
    table: pyarrow.Table | None = None
    columns: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    items: tuple[tuple[str, "Value"], ...] = ()
    said: "Value | None" = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Data that was written. `table` is its content, `files` name -> bytes of what is no folder; `cell` wrote it."""

    target: str
    table: pyarrow.Table | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`values` by (cell, name) in the order of the run; `shown` by cell; `written` by target or dataset;
    `has_spark` when it started a Spark session."""

    values: Mapping[tuple[str, str], Value]
    shown: Mapping[str, tuple[Shown, ...]]
    written: Mapping[str, Written]
    calls: Mapping[str, Sequence[object]]
    notes: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    has_spark: bool = False
