"""How long do the regression tests of ten notebooks take, and how long does nbval take for the same ten?

The notebooks are made for it: a handful of cells with pandas and a plot each. Both run in one process of pytest, in
turn, on references that the tool recorded. Told are seconds, and CPU seconds of all processes: the process that kernels
are forked of counts, and is a new one in each round, as in CI; `--stays` lets it stay, as at a desk. `--alone` leaves
other plugins of pytest out. `--added pandas|spark` tells instead what each case adds, with the process there: eleven
cases against one, and what the cells of the ten take, as the executed notebooks have it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from nbpromote.cli import main as main_of_tool

_TEXT = """\
# %% tags=["parameters"]
COUNT: int = {count}

# %%
import matplotlib.pyplot as plt
import pandas as pd

# %%
frame = pd.DataFrame({{"a": range(COUNT), "b": [i * 0.5 for i in range(COUNT)]}})
frame.describe()

# %%
frame.groupby(frame.a % 7).b.sum()

# %%
fig, ax = plt.subplots(figsize=(4, 3))
lines = ax.plot(frame.a, frame.b)
"""


_SPARK = """\
# %% tags=["parameters"]
COUNT: int = {count}

# %%
from commonlib.session import get_spark

spark = get_spark("added")

# %%
numbers = spark.range(COUNT).selectExpr("id", "id % 7 as part", "id * 0.5 as half")

# %%
numbers.groupBy("part").sum("half").orderBy("part").show()
"""
_TEXTS = {"pandas": _TEXT, "spark": _SPARK}
_OWN = ["-p", "no:nbval", "-p", "nbpromote.pytest_plugin"]
_OTHER = ["--nbval", "-p", "nbval.plugin"]


def run(root: Path, place: Path, *words: str) -> tuple[float, float]:
    """Seconds and CPU seconds of a pytest, with all processes below it and those that stay in this place."""
    place.mkdir(exist_ok=True, mode=0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(place)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    begun, before, stayed = time.monotonic(), os.times(), _of_staying(place)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    seconds, after = time.monotonic() - begun, os.times()
    print(done.stdout.strip().splitlines()[-1])
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used + _of_staying(place) - stayed


def _of_staying(place: Path) -> float:
    """CPU seconds of the processes that stay, and of their children that have ended."""
    found = 0.0
    for process in _staying(place):
        times = process.cpu_times()
        found += times.user + times.system + times.children_user + times.children_system
    return found


def _staying(place: Path) -> list[psutil.Process]:
    every = psutil.process_iter(["cmdline"])
    return [one for one in every if any(word.startswith(f"{place}/nbpromote-") for word in one.info["cmdline"] or ())]


def make(root: Path, text: str, count: int) -> None:
    """So many production notebooks of this text, with a case each."""
    (root / "notebooks/production").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (root / f"notebooks/production/n{number}.py").write_text(text.format(count=100 + number))
        (root / f"tests/notebooks/n{number}").mkdir(parents=True)
        (root / f"tests/notebooks/n{number}/default.yml").touch()


def in_cells(root: Path) -> float:
    """Seconds that the cells of the last runs of all cases but the first took."""
    found = 0.0
    for kept in root.glob("runs/tests/*/default.ipynb"):
        if kept.parent.name != "n0":
            cells = json.loads(kept.read_text())["cells"]
            found += sum(one["metadata"].get("papermill", {}).get("duration") or 0.0 for one in cells)
    return found


def added(root: Path, kind: str, rounds: int) -> None:
    """What a case adds beyond the work of its cells."""
    os.environ["NBPROMOTE_SPARK"] = "warm"
    main_of_tool(["init", str(root)])
    make(root, _TEXTS[kind], 11)
    place = Path(tempfile.mkdtemp(prefix="nbb-"))
    try:
        run(root, place, "tests/notebooks", "--nbpromote-update", "--nbpromote-once")
        for _ in range(rounds):
            one, one_used = run(root, place, "tests/notebooks/n0")
            all_, all_used = run(root, place, "tests/notebooks")
            work = in_cells(root)
            beyond = (all_ - one - work) / 10
            print(f"{kind}: a case adds {(all_ - one) / 10:.2f} s, {beyond:.2f} s beyond its cells, ", end="")
            print(f"and {(all_used - one_used) / 10:.2f} CPU s", flush=True)
    finally:
        _end(place)


def _end(place: Path) -> None:
    for process in _staying(place):
        process.terminate()
    shutil.rmtree(place, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--stays", action="store_true", help="the process that kernels are forked of is there before")
    parser.add_argument("--alone", action="store_true", help="without other plugins of pytest")
    parser.add_argument("--added", choices=sorted(_TEXTS), help="what a case adds, of this kind")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as held:
        root = Path(held).resolve()
        if given.added:
            added(root, given.added, given.rounds)
            return
        (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
        (root / "notebooks/production").mkdir(parents=True)
        make(root, _TEXT, 10)
        if given.alone:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        places = [Path(tempfile.mkdtemp(prefix="nbb-")) for _ in range(given.rounds + 1)]
        own, other = (_OWN, _OTHER) if given.alone else ([], ["--nbval", "-p", "no:nbpromote"])
        try:
            run(root, places[0], "tests", "--nbpromote-update", "--nbpromote-once", *own)
            for place in places[1:]:
                for name, words in (("nbpromote", own), ("nbval", other)):
                    seconds, used = run(root, places[0] if given.stays else place, "tests", *words)
                    print(f"{name:10} {seconds:6.1f} s {used:6.1f} CPU s", flush=True)
        finally:
            for place in places:
                _end(place)


if __name__ == "__main__":
    main()
