"""What the cases say at the end: of the references that were recorded, and on a page."""

from pathlib import Path
from typing import Any

import pytest

from nbpromote import __version__
from nbpromote.publish.tested import Case, Place, Shown, render_tested
from nbpromote.pytest_plugin.items import PROPERTY


class Telling:
    """Gathers what items tell, from this process and from others."""

    def __init__(self, config: pytest.Config) -> None:
        self.page: str | None = config.getoption("--nbpromote-html")
        self.said: list[tuple[str, dict[str, Any]]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (report.when == "setup" and not report.passed):
            for name, said in report.user_properties:
                if name == PROPERTY and isinstance(said, dict):
                    self.said.append((report.outcome, said))

    def pytest_sessionfinish(self) -> None:
        if self.page is not None:
            Path(self.page).parent.mkdir(parents=True, exist_ok=True)
            Path(self.page).write_text(render_tested(_cases(self.said), version=__version__), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        recorded = [said for _, said in self.said if "judged" in said]
        if recorded:
            terminalreporter.section("references")
        for said in recorded:
            how = "recorded" if said["changed"] else "as it was"
            told = f"{said['stable']} stable" if said["stable"] or said["judged"] else "not run a second time"
            terminalreporter.line(f"{said['case']}: {how}; {told}")
            for place, stability, why in said["judged"]:
                terminalreporter.line(f"  {place}: {stability}{f' ({why})' if why else ''}")
        if self.page is not None:
            terminalreporter.line(f"page: {self.page}")


def _cases(said: list[tuple[str, dict[str, Any]]]) -> list[Case]:
    found: dict[str, list[Place]] = {}
    heads: dict[str, dict[str, Any]] = {}
    for outcome, one in said:
        shown = [Shown(**each) for each in one.get("differences", ())]
        place = Place(one["place"], outcome, one.get("source", ""), one.get("message", ""), shown)
        found.setdefault(one["case"], []).append(place)
        heads[one["case"]] = one
    return [Case(name, heads[name]["notebook"], heads[name]["kept"], places) for name, places in found.items()]
