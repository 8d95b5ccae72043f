"""Are promotions right? Promotes each notebook of a folder in a scratch repository, with no question answered.

    python benchmarks/promotions.py FOLDER [--only FILE] [--check] [--keep FOLDER] [--timeout 180]

This executes the notebooks that it is given: name a folder of those that you trust. Each folder in FOLDER is a project,
and is copied whole, so that its notebooks find their data.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from judging import Judged, judge

_TOOL = "import sys; from nbpromote.cli import main; sys.exit(main())"
_TIMED = """\
import json, sys, time
from nbpromote.effects.kernels import execution
whole, ran = time.monotonic(), []
execute = execution.execute
def timed(*arguments, **options):
    start = time.monotonic()
    try:
        return execute(*arguments, **options)
    finally:
        ran.append(time.monotonic() - start)
execution.execute = timed
code = 1
try:
    from nbpromote.cli import main
    code = main()
except SystemExit as end:
    code = end.code or 0
told = {"whole": time.monotonic() - whole, "runs": ran, "work": time.process_time()}
print("\\nTIMES " + json.dumps(told), file=sys.stderr)
sys.exit(code)
"""
_LEFT_OUT = shutil.ignore_patterns(".git", ".ipynb_checkpoints", "__pycache__")


@dataclass(frozen=True, slots=True)
class Tried:
    """One notebook, and what became of it: `same`, or the kind of reason why not.

    `beyond` are the seconds outside the runs of notebooks, `work` the CPU seconds of the tool's own process.
    """

    notebook: str
    outcome: str
    reason: str = ""
    seconds: float = 0.0
    beyond: float | None = None
    work: float | None = None
    judged: Judged | None = field(default=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", type=Path, help="a file that names notebooks, one a line, as seen from FOLDER")
    parser.add_argument("--check", action="store_true", help="also run both notebooks apart from the tool, and compare")
    parser.add_argument("--keep", type=Path, help="where the scratch repositories and results stay")
    parser.add_argument("--timeout", type=float, default=180, help="seconds for each run of a proof")
    chosen = parser.parse_args()
    names = (
        [line.strip() for line in chosen.only.read_text().splitlines() if line.strip()]
        if chosen.only
        else sorted(str(path.relative_to(chosen.folder)) for path in chosen.folder.rglob("*.ipynb"))
    )
    with tempfile.TemporaryDirectory(prefix="promotions-") as held:
        kept = (chosen.keep or Path(held)).resolve()
        kept.mkdir(parents=True, exist_ok=True)
        found = [_told(try_notebook(chosen.folder.resolve(), name, kept, chosen)) for name in names]
    report(found)


def try_notebook(folder: Path, name: str, kept: Path, chosen: argparse.Namespace) -> Tried:
    """Promote one notebook in a repository of its own; what was found before under `kept` is found again."""
    project = Path(name).parts[0]
    root = kept / re.sub(r"\W+", "_", Path(name).with_suffix("").as_posix())
    result = root / "result.json"
    if result.is_file():
        held = json.loads(result.read_text(encoding="utf-8"))
        held["judged"] = held["judged"] and Judged(**held["judged"])
        return Tried(**held)
    shutil.rmtree(root, ignore_errors=True)
    adhoc = root / "notebooks/adhoc"
    adhoc.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run([sys.executable, "-c", _TOOL, "init"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    source = folder / project
    if source.is_dir():
        shutil.copytree(source, adhoc / project, ignore=_LEFT_OUT, symlinks=True)
    else:
        shutil.copy(source, adhoc)
    tried = _promoted(root, name, chosen.timeout)
    if chosen.check and tried.outcome == "same":
        tried = replace(tried, judged=judge(root, Path("notebooks/adhoc") / name))
    result.write_text(json.dumps(asdict(tried)), encoding="utf-8")
    return tried


def _promoted(root: Path, name: str, timeout: float) -> Tried:
    start = time.monotonic()
    command = [sys.executable, "-c", _TIMED, "promote", f"notebooks/adhoc/{name}", "--timeout", str(timeout)]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        env={**os.environ, "COLUMNS": "180"},
    )  # fmt: skip
    seconds = time.monotonic() - start
    (root / "promotion.txt").write_text(f"{done.stdout}\n=====\n{done.stderr}", encoding="utf-8")
    told, _, times = done.stderr.rpartition("\nTIMES ")
    beyond = work = None
    if times:
        measured = json.loads(times)
        beyond, work = round(measured["whole"] - sum(measured["runs"]), 2), round(measured["work"], 2)
    if done.returncode == 0:
        return Tried(name, "same", "", round(seconds, 1), beyond, work)
    lines = [line for line in told.strip().splitlines() if line.strip()] or [f"exit {done.returncode}, not a word"]
    blocking = [line for line in f"{done.stdout}\n{told}".splitlines() if line.startswith("blocks ")]
    errors = [line for line in lines if line.startswith("error: ")]
    kind = "not comparable" if "Proof: not comparable" in done.stdout else _kind(told)
    return Tried(name, kind, (blocking or errors or lines[-1:])[0][:300], round(seconds, 1), beyond, work)


_KINDS = (
    ("stand between", "refused"),
    ("stands between", "refused"),
    ("the ad-hoc notebook does not run", "does not run"),
    ("the promoted notebook does not run", "PROMOTED FAILS"),
    ("is not proven", "differs"),
    ("fail their recorded calls", "TESTS FAIL"),
)


def _kind(told: str) -> str:
    """Why it was not promoted, in a word."""
    if "Traceback (most recent call last)" in told and "BUG" not in told and "does not run" not in told:
        return "crashed"
    for words, kind in _KINDS:
        if words in told:
            return kind
    return "failed"


def _told(tried: Tried) -> Tried:
    words = tried.judged.words if tried.judged else ""
    print(f"{tried.outcome:14} {tried.seconds:6.1f} s  {tried.notebook}  {tried.reason} {words}".rstrip(), flush=True)
    return tried


def report(found: list[Tried]) -> None:
    """The table: how many came out how, and the time beyond the runs."""
    print()
    for outcome, count in Counter(tried.outcome for tried in found).most_common():
        print(f"{outcome:16} {count:5}  {count / len(found):6.1%}")
    judged = [tried.judged for tried in found if tried.judged]
    if judged:
        print(f"judged apart     {len(judged):5}  {sum(one.is_right for one in judged)} right")
    beyond = sorted(tried.beyond for tried in found if tried.beyond is not None and tried.outcome == "same")
    if beyond:
        middle, high = beyond[len(beyond) // 2], beyond[int(len(beyond) * 0.9)]
        work = sorted(tried.work for tried in found if tried.work is not None and tried.outcome == "same")
        print(f"CPU seconds of the tool: median {work[len(work) // 2]:.1f}, longest {work[-1]:.1f}" if work else "")
        print(f"seconds beyond the runs: median {middle:.1f}, 90 % {high:.1f}, longest {beyond[-1]:.1f}")


if __name__ == "__main__":
    main()
