"""The observer of one notebook: what it looks at, and what it writes down."""

import json
import os
import sys
from typing import Any

from . import plotted
from . import settings as spark_settings
from .calls import CallRecorder
from .guard import Guard
from .places import Places
from .values import Describer
from .writes import Redirector


class Observer:
    """One per kernel.

    `settings` is JSON: `folder`; `watch`, a list of [cell source, cell id, names]; `results`, names of which Spark
    frames are computed whole; `functions`, name -> free variables; `redirect`, whether writes go into the folder
    instead of where the notebook says; `modules` to patch for that; `anew`, cells of which what they append to begins
    empty; `tables`, texts of SQL that write -> table and query; `spark`, settings that its session gets;
    `plotted`, whether figures tell what they were drawn from; `root`, the repository, in which nothing made is left.
    """

    def __init__(self, shell: Any, settings: dict[str, Any]) -> None:
        self.shell = shell
        self.folder: str = settings["folder"]
        os.makedirs(self.folder, exist_ok=True)
        self.watch = [tuple(one) for one in settings["watch"]]
        self.describer = Describer(self.folder)
        self.results = frozenset(settings["results"])
        self.places = Places(self.folder)
        self.guard = Guard(self.places, settings.get("root", ""))
        anew = frozenset(settings.get("anew", ()))
        redirector = Redirector(shell, self.folder, self.describer, self.places, anew)
        redirector.tables = settings.get("tables", {})
        self.redirector = redirector if settings["redirect"] else None
        self.recorder = CallRecorder(shell, settings["functions"], self.places)
        self.modules: list[str] = settings["modules"]
        self.spark: dict[str, str] = settings.get("spark", {})
        self.is_plotted = bool(settings.get("plotted"))
        self.values: list[dict[str, Any]] = []

    def start(self) -> None:
        if self.is_plotted:
            plotted.start()
        if self.spark:
            spark_settings.use(self.spark, self.folder)
        if self.redirector:
            self.redirector.start(self.modules)
        self.shell.events.register("pre_run_cell", self._before_cell)
        self.shell.events.register("post_run_cell", self._after_cell)
        self.guard.start()

    def _before_cell(self, info: Any) -> None:
        if self.redirector and getattr(info, "store_history", True):
            source = (info.raw_cell or "").strip()
            self.redirector.cell = next((cell for wanted, cell, _ in self.watch if wanted.strip() == source), "")

    def _after_cell(self, result: Any) -> None:
        if not getattr(result.info, "store_history", True):
            return
        if self.redirector:
            self.redirector.patch_loaded()
        self.recorder.wrap()
        if result.error_in_exec is not None or result.error_before_exec is not None:
            return
        source = (result.info.raw_cell or "").strip()
        for place, (wanted, cell_id, names) in enumerate(self.watch):
            if wanted.strip() == source:
                del self.watch[place]
                for name in names:
                    if name in self.shell.user_ns:
                        value = self.describer.describe(
                            self.shell.user_ns[name], f"value-{len(self.values)}", is_result=name in self.results
                        )
                        self.values.append({"cell": cell_id, "name": name, "value": value})
                break

    def finish(self) -> None:
        self.guard.stop()
        writes = self.redirector.writes if self.redirector else []
        evidence = {
            "values": self.values,
            "writes": writes,
            "calls": self.recorder.calls,
            "notes": self.recorder.notes,
            "packages": _versions(),
            "spark": _has_spark(),
        }
        with open(os.path.join(self.folder, "evidence.json"), "w", encoding="utf-8") as file:
            json.dump(evidence, file)


def _has_spark() -> bool:
    """Whether this process has begun a Spark session, also one that it has stopped."""
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    return getattr(context, "_gateway", None) is not None or "pyspark.sql.connect.session" in sys.modules


def _versions() -> dict[str, str]:
    """The versions of what the notebook imported, as the modules themselves say."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        version = getattr(module, "__version__", None)
        if "." not in name and not name.startswith("_") and isinstance(version, str):
            found[name] = version
    return found
