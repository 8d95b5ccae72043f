"""The tests of functions that move, run beside the proof: they need the recorded calls alone, not the verdict."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from nbpromote.effects.files.staging import Stage
from nbpromote.effects.files.untouched import without_edited
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.again import Again, carry
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import recorded_tests
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import FileEdit

Calls = Mapping[str, Sequence[Mapping[str, Any]]]
_SHOWN_LINES = 25


class TestsFail(NbpromoteError):
    """The tests that were made of recorded calls do not pass on the lifted functions."""

    def __init__(self, output: str) -> None:
        self.output = output
        super().__init__(f"the functions in commonlib fail their recorded calls; nothing was changed\n{output}")


class RecordedTests:
    """The tests as they will be, against the staged commonlib. `begin` when the calls are known, then `finish`."""

    def __init__(self, draft: Draft, stage: Stage, workspace: Workspace, former: bytes | None) -> None:
        self._draft, self._stage, self._workspace, self._former = draft, stage, workspace, former
        self._process: subprocess.Popen[bytes] | None = None
        self._said = stage.folder / "evidence.txt"
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
        made = recorded_tests.edits_for(self._draft, calls, self._workspace)
        self.carried = carry(made, self._former, self._workspace)
        if self.carried.open:
            return
        files = {path: self._workspace.read_bytes(path) for path in recorded_tests.paths(self._draft)}
        files |= {edit.path: edit.after for edit in self.edits}
        if not any(path.endswith(".py") and content for path, content in files.items()):
            return
        folder = self._stage.folder / "evidence"
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
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "tests"]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**inherited, **own}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def finish(self) -> None:
        """Wait for them.

        Raises:
            TestsFail: they do not pass.
        """
        if self._process is not None and self._process.wait():
            lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise TestsFail("\n".join(lines[-_SHOWN_LINES:]))

    def stop(self) -> None:
        """End them, when nobody waits for them any more."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
