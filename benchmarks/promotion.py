"""How long does a promotion take beyond the runs of the notebooks themselves?

    python benchmarks/promotion.py [NOTEBOOK...] [--times 3]

Promotes each notebook in a scratch repository, in a process of its own, and tells for each stage the seconds that
passed, and the CPU seconds of the tool and of what it starts. Without a notebook, it promotes one that is made:
a table, two functions that move, a write.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MADE = """\
# %%
import pandas as pd

# %%
sales = pd.DataFrame({"region": list("abcd") * 500, "amount": range(2000)})
# %%
def share(part, whole):
    return part / whole
# %%
def chosen(frame, least):
    return frame[frame["amount"] >= least]
# %%
totals = chosen(sales.groupby("region", as_index=False)["amount"].sum(), 10)
totals["share"] = share(totals["amount"], totals["amount"].sum())
# %%
totals.to_csv("totals.csv", index=False)
"""


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def promote(notebook: str) -> None:
    """Promote in this process, and print what each stage took as JSON."""
    began = (time.perf_counter() - time.process_time(), 0.0)
    stages: dict[str, list[float]] = {}

    def timed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            begun = (time.perf_counter(), cpu())
            try:
                return real(*args, **kwargs)
            finally:
                spent = stages.setdefault(name, [0.0, 0.0])
                spent[0] += time.perf_counter() - begun[0]
                spent[1] += cpu() - begun[1]

        return call

    from nbpromote import cli
    from nbpromote.cli import planning
    from nbpromote.effects.files import staging
    from nbpromote.effects.kernels import execution
    from nbpromote.effects.promoting import landing, proof_runs, proving, recorded_runs

    planning._planned = timed("reading and planning", planning._planned)
    execution.execute = timed("the notebook runs", execution.execute)
    proving.compare = timed("comparing", proving.compare)
    proof_runs.gather = timed("gathering evidence", proof_runs.gather)
    recorded_runs.RecordedTests.finish = timed("tests of recorded calls", recorded_runs.RecordedTests.finish)
    landing.case_edits = timed("the regression case", landing.case_edits)
    staging._copy_repository = timed("staging", staging._copy_repository)
    code = cli.main(["promote", "--yes", notebook])
    stages["all"] = [time.perf_counter() - began[0], cpu()]
    print(json.dumps({"code": code, "stages": stages}))


def scratch(folder: Path, notebook: Path | None) -> str:
    """A repository with this notebook in it; its path there."""
    subprocess.run([sys.executable, "-m", "nbpromote.cli", "init"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    target = folder / "notebooks/adhoc" / (notebook.name if notebook else "made.py")
    target.parent.mkdir(parents=True, exist_ok=True)
    if notebook is None:
        target.write_text(MADE, encoding="utf-8")
    else:
        shutil.copytree(notebook.parent, target.parent, dirs_exist_ok=True)
    return str(target.relative_to(folder))


def measured(notebook: Path | None) -> dict[str, list[float]] | None:
    """What one promotion of it took; None when it was refused."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = scratch(folder, notebook)
        command = [sys.executable, str(Path(__file__).resolve()), "--inside", path]
        environment = {one: value for one, value in os.environ.items() if one != "LAKE_ROOT"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout.strip().rpartition("\n")[2])
        return found["stages"] if found["code"] == 0 else None


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        promote(chosen.inside)
        return
    for notebook in chosen.notebooks or [None]:
        runs = [one for _ in range(chosen.times) if (one := measured(notebook)) is not None]
        print(notebook or "made for this", "" if runs else "was refused")
        for stage in runs[0] if runs else ():
            seconds, used = (statistics.median(one.get(stage, [0, 0])[part] for one in runs) for part in (0, 1))
            print(f"  {stage:26} {seconds:7.2f} s {used:7.2f} CPU s")
        if runs:
            beyond = [[one["all"][part] - one["the notebook runs"][part] for one in runs] for part in (0, 1)]
            seconds, used = (statistics.median(one) for one in beyond)
            print(f"  {'beyond the notebook runs':26} {seconds:7.2f} s {used:7.2f} CPU s")


if __name__ == "__main__":
    main()
