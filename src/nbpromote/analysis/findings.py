"""What stands between a notebook and production."""

from dataclasses import dataclass
from enum import StrEnum

from nbpromote.analysis.facts import Span


class Severity(StrEnum):
    """`BLOCKS` stops a promotion; `WARNING` should be looked at; `NOTE` is worth knowing."""

    BLOCKS = "blocks"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a finding and is safe: the text that goes in place of a span of the cell's source."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, as a value that explains itself.

    `cell` is the cell's number in the document (None for the whole notebook), `span` the place in its source.
    """

    code: str
    path: str
    cell: int | None
    cell_id: str | None
    span: Span | None
    message: str
    hint: str
    severity: Severity
    line: str = ""
    fix: Fix | None = None
