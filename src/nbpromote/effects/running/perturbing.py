"""The settings of a second run, on which a case must do the same."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from nbpromote.proof import settings

HASHES = "0"  # of the runs that are compared: what a set's order brings about is found when a reference is recorded


@dataclass(frozen=True, slots=True)
class Way:
    """How a case runs: variables, settings of Spark, how far Python's clock is ahead; `words` tell people."""

    environment: Mapping[str, str] = field(default_factory=lambda: {"PYTHONHASHSEED": HASHES})
    spark: Mapping[str, str] = field(default_factory=dict)
    ahead: timedelta = timedelta()
    words: tuple[str, ...] = ()


AS_IT_IS = Way()


def perturbed() -> Way:
    """Other cores, partitions, adaptive execution, hashes, clock and time zone than those of this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    zone = "Pacific/Auckland" if os.environ.get("TZ") != "Pacific/Auckland" else "America/Halifax"
    return Way(
        {"PYTHONHASHSEED": "1", "TZ": zone, **settings.of_process()},
        settings.of_spark(cores),
        timedelta(days=13, hours=7, minutes=11),
        (f"{cores + 1} cores", "13 partitions", "no adaptive execution", "another hash seed", "13 days later", zone),
    )
