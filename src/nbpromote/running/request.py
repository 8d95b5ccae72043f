"""What shall be run: a notebook, its parameters, its limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType

from nbpromote.running.fitting import Injected
from nbpromote.running.secret import Reference, references

HERE, DATABRICKS = "here", "databricks"
NOTHING: Mapping[str, Injected] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One headless execution that is wanted.

    `notebook` is relative to the repository's root. `parameters` are the values to inject, `defaults` those that the
    notebook declares; the run's whole parameters are the one over the other. `timeout` and `cell_timeout` in seconds,
    `memory` in bytes, `cores` those that it is kept to (all when none). `batch` is what it was started with, `attempt`
    counts its retries, `rerun_of` is the run that it repeats, and
    `notebook_digest` the sha256 of a notebook that is no file now. `spark` is whether it has a Spark of its own; `on`
    where that is: here, or on Databricks.
    """

    run_id: str
    notebook: str
    parameters: Mapping[str, Injected] = field(default_factory=lambda: NOTHING)
    defaults: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    timeout: float | None = None
    cell_timeout: float | None = None
    memory: int | None = None
    cores: tuple[int, ...] = ()
    batch: str = ""
    attempt: int = 1
    rerun_of: str = ""
    notebook_digest: str = ""
    spark: str = "classic"
    on: str = HERE

    @property
    def secrets(self) -> dict[str, Reference]:
        """The parameters that are references to secrets."""
        return references(self.whole_parameters)

    @property
    def injected(self) -> dict[str, Injected]:
        """What is injected: the given values, and references that the notebook itself has as defaults."""
        return {**{name: str(one) for name, one in self.secrets.items()}, **self.parameters}

    @property
    def whole_parameters(self) -> dict[str, object]:
        """Every parameter with the value that the run sees."""
        return {**self.defaults, **self.parameters}


def run_id(notebook: str, moment: datetime, salt: str) -> str:
    """A name for a run that sorts by time, tells the notebook, and is fit for a folder and a URL.

    Args:
        moment: when it was asked for, in UTC.
        salt: a few random characters that tell runs of one second apart.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(notebook).stem).strip("-")[:40] or "notebook"
    return f"{moment:%Y%m%d-%H%M%S}-{stem}-{salt}"
