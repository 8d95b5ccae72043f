"""What became of a notebook that was run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
INJECTED = "injected-parameters"


class Status(StrEnum):
    """How a run ended, by the runner's own knowledge, never read back from the notebook."""

    DONE = "done"
    EXITED = "exited early"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    DEAD = "kernel died"
    INTERRUPTED = "interrupted"

    @property
    def is_good(self) -> bool:
        """Whether the run came to an end that its author meant."""
        return self in (Status.DONE, Status.EXITED)


class CellStatus(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class CellRun:
    """One cell of a run. `number` is its place among the document's own cells (0 for the injected parameters);
    `peak_memory` the most bytes that the kernel and its children held together while it ran."""

    cell_id: str
    number: int
    status: CellStatus
    seconds: float | None = None
    peak_memory: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why a run stopped. `name` is the exception's class, or `DeadKernel` or `Timeout`."""

    cell_id: str
    number: int
    name: str
    message: str
    traceback: str = ""
    source: str = ""

    @property
    def trace(self) -> str:
        """The traceback without colours, its frames in the notebook and in `commonlib` only."""
        plain = _ANSI.sub("", self.traceback)
        blocks = plain[plain.find("Traceback (most recent call last)") :].split("\n\n")
        own = [
            block
            for block in blocks[:-1]
            if block.lstrip().startswith(("Traceback", "Cell In")) or "/commonlib/" in block
        ]
        return "\n".join([*own, blocks[-1]]).strip()

    def __str__(self) -> str:
        where = f"cell {self.number}: " if self.number else ""
        return f"{where}{self.name}{': ' if self.message else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class Executed:
    """A notebook after its run. `notebook` is nbformat's node (that library has no types); `preamble_output` and
    `epilogue_output` what the hidden code printed; `spark` the version and settings of the session that was there at
    the end."""

    notebook: Any
    status: Status
    started: datetime
    seconds: float
    failure: Failure | None = None
    cells: tuple[CellRun, ...] = ()
    peak_memory: int | None = None
    preamble_output: str = ""
    epilogue_output: str = ""
    spark: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """A cell that begins (`seconds` is None) or has ended, the `position`-th of `total` code cells. `rows` are
    those that the run has written to the lake so far."""

    cell_id: str
    number: int
    position: int
    total: int
    source: str
    seconds: float | None = None
    status: CellStatus | None = None
    rows: int = 0
