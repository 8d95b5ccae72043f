"""`nbpromote demo`: the main job on the sample, in a scratch clone, command by command."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from nbpromote.errors import NbpromoteError

_SOURCE = "notebooks/adhoc/customer_value.ipynb"
_DATA = "notebooks/adhoc/data/CDNOW_master.txt"
_LAYOUT = "notebooks/adhoc/data/purchases.yml"
_GIVEN = ("CAL_END=1997-12-31", "HORIZON_WEEKS=26")


class NoSample(NbpromoteError):
    """The demo is started where its sample is not."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root}: has no {_SOURCE}; run the demo in a checkout of nbpromote")


class StepFailed(NbpromoteError):
    """A command of the demo failed; what it said stands above."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f'"{command}" ended with {code}; what it said stands above')


def demo() -> None:
    """Run the main job on the sample: land, validate, promote, prove, run.

    It works in a scratch clone below `build/demo`, and the checkout stays as it is. A second demo finds what was made.
    """
    from nbpromote.cli.terminal import out
    from nbpromote.effects import git
    from nbpromote.effects.files import repository

    root = repository.find(Path.cwd()).root
    if not (root / _SOURCE).is_file():
        raise NoSample(root)
    commit = git.head(root) or "uncommitted"
    scratch = root / "build" / "demo" / commit[:10]
    began = time.monotonic()
    if not (scratch / ".git").is_dir():
        _clone(root, scratch)
    console = out()
    console.print("The scratch clone, without the promoted sample:", _shown(scratch))
    _step(scratch, "Land the client's file in the lake, as typed Parquet",
          "data", "ingest", _DATA, "--dataset", "raw/purchases", "--schema", _LAYOUT)  # fmt: skip
    _step(scratch, "Check it, and share what holds",
          "data", "validate", "raw/purchases", "--to", "validated/purchases", "--rules", _LAYOUT)  # fmt: skip
    _step(scratch, "Promote the ad-hoc notebook, with proof", "promote", _SOURCE)
    if git.is_dirty(scratch):
        _git(scratch, "add", "--all")
        _git(scratch, "commit", "--quiet", "--message", "Promote customer_value")
    record = _run_once(scratch)
    _summarise(scratch, record, time.monotonic() - began)


def _clone(root: Path, scratch: Path) -> None:
    """Clone the checkout as committed, and take the promoted sample out of the clone."""
    from nbpromote.effects import git
    from nbpromote.proof import report

    beside = scratch.with_name(f"{scratch.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.parent.mkdir(parents=True, exist_ok=True)
    git.clone(root, beside)
    proof = "notebooks/production/customer_value.proof.json"
    kept = beside / proof
    promoted = [*report.vouched(kept.read_bytes() if kept.is_file() else None), proof]
    for path in promoted:
        (beside / path).unlink(missing_ok=True)
    if git.is_dirty(beside):
        _git(beside, "add", "--all")
        _git(beside, "commit", "--quiet", "--message", "Before the promotion of customer_value")
    beside.rename(scratch)


def _git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=nbpromote demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]
    command = ["git", *author, "-c", "core.hooksPath=/dev/null", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise StepFailed(f"git {' '.join(arguments)}", done.returncode)


def _step(scratch: Path, title: str, *words: str) -> None:
    """Run one command of nbpromote in the clone, said before as a user would type it."""
    from rich.text import Text

    from nbpromote.cli.terminal import out

    console = out()
    command = f"nbpromote {shlex.join(words)}"
    console.print()
    console.print(Text.assemble(("== ", "dim"), (title, "bold")))
    console.print(Text(f"$ {command}", style="dim"))
    console.file.flush()
    done = subprocess.run(
        [sys.executable, "-m", "nbpromote.cli", *words], cwd=scratch, env=_environment(scratch), check=False
    )
    if done.returncode:
        raise StepFailed(command, done.returncode)


def _environment(scratch: Path) -> dict[str, str]:
    """The clone has a lake of its own, also when the user's environment names another."""
    return {**os.environ, "LAKE_ROOT": str(scratch / "lake")}


def _run_once(scratch: Path) -> Path:
    """Run the production notebook with other parameters than its defaults, unless an earlier demo did."""
    from nbpromote.cli.terminal import out

    kept = scratch / ".nbpromote" / "demo.json"
    if kept.is_file():
        run: Path = scratch / json.loads(kept.read_text(encoding="utf-8"))["run"]
        if run.is_dir():
            out().print(f"\nThe production notebook has run with {' '.join(_GIVEN)} in an earlier demo.")
            return run
    before = _runs(scratch)
    words = [word for given in _GIVEN for word in ("-p", given)]
    _step(scratch, "Run the production notebook headlessly, with other parameters",
          "run", "notebooks/production/customer_value.py", *words)  # fmt: skip
    run = max(_runs(scratch) - before)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({"run": run.relative_to(scratch).as_posix()}), encoding="utf-8")
    return run


def _runs(scratch: Path) -> set[Path]:
    return {path.parent for path in (scratch / "runs").glob("*/record.json")}


def _summarise(scratch: Path, run: Path, seconds: float) -> None:
    from rich.text import Text

    from commonlib.lake import logs
    from nbpromote.cli.terminal import out
    from nbpromote.proof import report

    proof = scratch / "notebooks/production/customer_value.proof.json"
    derived = logs.latest("derived/customer_value", scratch / "lake")
    rows = [
        ("promoted", f"{_SOURCE} -> notebooks/production/customer_value.py"),
        ("proof", f"{report.outcome(proof.read_bytes())}  ({_shown(proof)})"),
        ("data", f"derived/customer_value version {derived.number if derived else '?'} in {_shown(scratch / 'lake')}"),
        ("executed", _shown(run / "executed.ipynb")),
        ("page", _shown(run / "page.html")),
    ]
    console = out()
    console.print()
    console.print(Text(f"Done in {seconds:.0f} s", style="bold green"))
    for name, what in rows:
        console.print(Text.assemble((f"  {name:10}", "bold"), what), soft_wrap=True)
    tool = os.path.relpath(Path(sys.executable).with_name("nbpromote"), scratch)
    again = f"cd {_shown(scratch)} && {tool} run notebooks/production/customer_value.py -p DISCOUNT=0.1"
    console.print(Text(f"\nNext, try another discount rate:\n  {again}"), soft_wrap=True)


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
