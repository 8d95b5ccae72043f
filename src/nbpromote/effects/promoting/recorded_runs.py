"""The tests of functions that move, run beside the proof: they need the recorded calls alone, not the verdict."""

import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from nbpromote.effects.files.staging import Stage
from nbpromote.effects.files.untouched import without_edited
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.again import Again, carry
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import laws, recorded_tests
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import FileEdit

Calls = Mapping[str, Sequence[Mapping[str, Any]]]
_SHOWN_LINES = 25
_PATIENCE = 180.0
# A law that just about holds here may not hold on another machine: it is tried with less tolerance than it has later.
_STRICT = b"from commonlib import laws\n\nlaws.TOLERANCE /= 1000\n"


class TestsFail(NbpromoteError):
    """The tests that were made of recorded calls do not pass on the lifted functions."""

    def __init__(self, output: str) -> None:
        self.output = output
        super().__init__(f"the functions in commonlib fail their recorded calls; nothing was changed\n{output}")


class RecordedTests:
    """The tests as they will be, against the staged commonlib. `begin` when the calls are known, then `finish`.

    The laws that the calls suggest are tried along with them; those that do not hold are left out. `laws` are those
    that hold, known when it is finished.
    """

    def __init__(self, draft: Draft, stage: Stage, workspace: Workspace) -> None:
        self._draft, self._stage, self._workspace = draft, stage, workspace
        self._process: subprocess.Popen[bytes] | None = None
        self._said, self._told = stage.folder / "evidence.txt", stage.folder / "evidence.xml"
        self._calls: Calls = {}
        self.laws: dict[str, tuple[str, ...]] = {}
        self.carried = Again(())

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """The tests that land: people's own stay as they are."""
        return tuple(
            edit
            for edit in self.carried.edits
            if edit.path in self.carried.made or without_edited([edit], self._draft, self._workspace)
        )

    def begin(self, calls: Calls) -> None:
        """Make the tests of these calls and begin to run them, unless people have to look at them first."""
        self._calls = calls
        self._run(laws.suggested(self._draft, calls, self._workspace))

    def finish(self) -> None:
        """Wait for them, and leave out the laws that do not hold.

        Raises:
            TestsFail: they do not pass.
        """
        if not self._has_ended(within=_PATIENCE if self.laws else None):
            self.stop()  # a variation of a call may go on for ever, where the call itself came to an end
            self._run({})
            self._has_ended(within=None)
        if self._process is None or self._process.returncode == 0:
            self._leave_out(set())
            return
        broken = {recorded_tests.law_test(name, law): (name, law) for name, held in self.laws.items() for law in held}
        failed = _failed(self._told)
        others = {test: said for test, said in failed.items() if test not in broken}
        if not failed or others:
            lines = ("\n".join(others.values()) or self._said.read_text("utf-8", "replace")).strip().splitlines()
            raise TestsFail("\n".join(lines[-_SHOWN_LINES:]))
        self._leave_out({broken[test] for test in failed})

    def stop(self) -> None:
        """End them, when nobody waits for them any more."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _make(self, held: Mapping[str, tuple[str, ...]]) -> None:
        self.laws = dict(held)
        made = recorded_tests.edits_for(self._draft, self._calls, self._workspace, held)
        self.carried = carry(made, self._draft, self._workspace)

    def _leave_out(self, broken: Collection[tuple[str, str]]) -> None:
        held = laws.kept(self.laws, broken)
        if held != self.laws:
            self._make(held)

    def _run(self, tried: Mapping[str, tuple[str, ...]]) -> None:
        self._make(tried)
        if self.carried.open:
            return
        files = {path: self._workspace.read_bytes(path) for path in recorded_tests.paths(self._draft)}
        files |= {edit.path: edit.after for edit in self.edits}
        if not any(path.endswith(".py") and content for path, content in files.items()):
            return
        folder = self._stage.folder / "evidence"
        if tried:
            files["tests/conftest.py"] = _STRICT
        else:
            (folder / "tests/conftest.py").unlink(missing_ok=True)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                target.write_bytes(content)
        inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        # They need no plugin, and what is installed of them takes longer to load than the tests to run.
        own = {
            "PYTHONPATH": str(self._stage.root),
            "LAKE_ROOT": str(self._stage.with_fresh_lake("lake-of-tests").lake),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
        command += [f"--junitxml={self._told}", "tests"]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**inherited, **own}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def _has_ended(self, *, within: float | None) -> bool:
        if self._process is not None:
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                return False
        return True


def _failed(told: Path) -> dict[str, str]:
    """The tests that failed, by the names of their functions, with what pytest says of them."""
    try:
        cases = ElementTree.parse(told).iter("testcase")
    except (OSError, ElementTree.ParseError):
        return {}
    failed: dict[str, str] = {}
    for case in cases:
        for found in (*case.findall("failure"), *case.findall("error")):
            test = case.get("name", "").partition("[")[0]
            failed[test] = f"{failed.get(test, '')}\n{found.text or ''}\n{case.get('name')}: {found.get('message', '')}"
    return failed
