"""What does a headless run of a small Spark notebook cost, beside the Papermill command, nbclient and ploomber-engine?

Told are seconds, and CPU seconds of every process that a contender started, also of those that left it: this process
takes in orphans (`PR_SET_CHILD_SUBREAPER`, Linux), so the process that stays warm and its Spark server count for who
uses them. Contenders take turns. The floor is the same notebook by `exec`, with all its parameters in one process,
against the same warm server.
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import psutil

_HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""
NOTEBOOK = """\
# %% tags=["parameters"]
n: int = 1

# %%
from pyspark.sql import SparkSession, functions as F

spark = SparkSession.builder.getOrCreate()

# %%
frame = spark.range(1000 * n).withColumn("g", F.col("id") % 7)
found = frame.groupBy("g").agg(F.sum("id").alias("s"), F.count("*").alias("c")).orderBy("g").toPandas()

# %%
print(n, len(found), int(found.s.sum()))
"""
TRIVIAL = '# %% tags=["parameters"]\nn: int = 1\n\n# %%\nprint(n + 1)\n'
_NBCLIENT = """\
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
notebook.cells.insert(1, nbformat.v4.new_code_cell(f"n = {sys.argv[3]}"))
nbformat.write(nbclient.NotebookClient(notebook, kernel_name="python3").execute(), sys.argv[2])
"""
_FLOOR = """\
import os, sys
cells = [part.partition("\\n")[2] for part in open(sys.argv[1]).read().split("# %%")[1:]]
for n in map(int, sys.argv[2:]):
    space = {}
    for place, cell in enumerate(cells):
        exec(cell if place else f"n = {n}", space)
    space["spark"].stop()
"""
_PR_SET_CHILD_SUBREAPER = 36
_COMMANDS = "nbpromote.cli.staying"


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: seconds, and CPU seconds of all that it started."""

    seconds: float
    cpu: float


def descendants() -> list[psutil.Process]:
    """All that this process started and that is there, orphans too."""
    return psutil.Process().children(recursive=True)


def cpu() -> float:
    """CPU seconds of all that this process ever started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = used.ru_utime + used.ru_stime
    for process in descendants():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def cost(work: Callable[[], object]) -> Cost:
    """What this takes, with what goes on in the background right after it."""
    before, begun = cpu(), time.monotonic()
    work()
    seconds = time.monotonic() - begun
    time.sleep(0.3)
    return Cost(seconds, cpu() - before)


class Place:
    """A repository with the notebook, and commands that run it."""

    def __init__(self, root: Path, ploomber: Path | None) -> None:
        self.root, self.ploomber = root, ploomber
        self.folder = root / "notebooks/production"
        self.folder.mkdir(parents=True)
        (root / "pyproject.toml").write_text('[tool.nbpromote.run]\nspark = "warm"\n')
        shutil.copytree(Path(__file__).parents[1] / "commonlib", root / "commonlib")
        for name, text in (("small", NOTEBOOK), ("trivial", TRIVIAL)):
            (self.folder / f"{name}.py").write_text(_HEADER + text)
        runtime = root / "warm"
        runtime.mkdir(mode=0o700)
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        own = {"XDG_RUNTIME_DIR": str(runtime), "TMPDIR": str(self.temporary), "NBPROMOTE_WARM": "600"}
        self.environment = {**os.environ, **own}
        self.environment.pop("NBPROMOTE_SPARK", None)
        self.ipynb = root / "small.ipynb"
        self.do(
            [sys.executable, "-m", "jupytext", "--to", "ipynb", "-o", str(self.ipynb), str(self.folder / "small.py")]
        )

    def do(self, words: list[str], environment: Mapping[str, str] | None = None) -> str:
        """Run a command. Raises where it fails."""
        given = {**self.environment, **(environment or {})}
        done = subprocess.run(words, cwd=self.root, env=given, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def nbpromote(self, *words: str) -> str:
        return self.do([sys.executable, "-m", "nbpromote.cli", *words])

    def run(self, n: int, *words: str, notebook: str = "small") -> None:
        self.nbpromote("run", f"notebooks/production/{notebook}.py", "-p", f"n={n}", *words)

    def sweep(self, count: int, jobs: int, notebook: str = "small") -> None:
        self.nbpromote("run", f"notebooks/production/{notebook}.py", "--sweep", f"n=1..{count}", "-j", str(jobs))

    def papermill(self, n: int) -> None:
        self.do([sys.executable, "-m", "papermill", str(self.ipynb), "out.ipynb", "-p", "n", str(n)])

    def nbclient(self, n: int) -> None:
        self.do([sys.executable, "-c", _NBCLIENT, str(self.ipynb), "out.ipynb", str(n)])

    def ploomber_engine(self, n: int) -> None:
        assert self.ploomber is not None
        where = {"PATH": f"{self.ploomber.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [str(self.ploomber.parent / "ploomber-engine"), str(self.ipynb), "out.ipynb", "-p", "n", str(n)]
        self.do(command, where)

    @contextmanager
    def server(self) -> Iterator[dict[str, str]]:
        """What the environment of a process needs to reach the warm server, which a run must have started."""
        from nbpromote.effects.files.repository import find
        from nbpromote.effects.running.warm_spark import lent
        from nbpromote.notebook import read
        from nbpromote.running.request import RunRequest

        path = self.folder / "small.py"
        os.environ.update(self.environment)
        with lent(
            find(path), read(path, name=str(path)), RunRequest("", "notebooks/production/small.py", spark="warm")
        ) as spark:
            if not spark.environment:
                sys.exit(f"no warm server: {spark.reason}")
            yield dict(spark.environment)

    def floor(self, count: int) -> None:
        with self.server() as reached:
            self.alone(range(1, count + 1), reached)

    def alone(self, values: Sequence[int], reached: Mapping[str, str]) -> None:
        """The cells by `exec`, once for each value of their parameter, in one process."""
        self.do([sys.executable, "-c", _FLOOR, str(self.folder / "small.py"), *map(str, values)], reached)

    def cells_of_last(self) -> float:
        """Seconds that the cells of the newest run took."""
        newest = max(self.root.glob("runs/*/record.json"), key=lambda path: path.stat().st_mtime)
        return sum(cell.get("seconds") or 0.0 for cell in json.loads(newest.read_text())["cells"])

    def stop(self) -> None:
        self.nbpromote("warm", "stop")


def beyond(place: Place, rounds: int) -> None:
    """One command with everything warm: seconds beyond those of its cells, and CPU seconds beside the cells alone.

    The cells' CPU seconds are those of one process that runs them by `exec`, with all that it imports for them.
    """
    for _ in range(2):  # starts what stays, and lets the process that stays for commands prepare itself
        place.run(1)
        time.sleep(3.0)
    over: list[float] = []
    with place.server() as reached:
        for turn in range(1, rounds + 1):
            spent = cost(partial(place.run, turn))
            cells = place.cells_of_last()
            alone = cost(partial(place.alone, [turn], reached))
            over.append(spent.seconds - cells)
            print(
                f"{turn}: {spent.seconds:.2f} s, of which cells {cells:.2f}: {over[-1]:.2f} s beyond; "
                f"{spent.cpu:.2f} CPU s, the cells in a process of their own {alone.cpu:.2f}; "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    print(f"beyond the cells, median of {rounds}: {median(over):.2f} s ({min(over):.2f} to {max(over):.2f})")


def beside(place: Place, rounds: int) -> None:
    """Each contender runs the notebook once a round; the tool also eight times by one command, and the floor."""
    place.run(1)  # starts what stays warm
    over: list[float] = []

    def one(n: int) -> None:
        place.run(n)

    found: dict[str, list[Cost]] = {}
    contenders: dict[str, Callable[[int], object]] = {
        "papermill, one run": place.papermill,
        "nbclient, one run": place.nbclient,
        "nbpromote, one run": one,
        "nbpromote --spark classic, one run": lambda n: place.run(n, "--spark", "classic"),
        "nbpromote, eight by one command": lambda _: place.sweep(8, 1),
        "nbpromote, eight, two at once": lambda _: place.sweep(8, 2),
        "floor, eight in one process": lambda _: place.floor(8),
    }
    if place.ploomber is not None:
        contenders["ploomber-engine, one run"] = place.ploomber_engine
    for turn in range(1, rounds + 1):
        for name, work in contenders.items():
            spent = cost(partial(work, turn))
            found.setdefault(name, []).append(spent)
            if name == "nbpromote, one run":
                over.append(spent.seconds - place.cells_of_last())
            print(f"{turn} {name:36} {spent.cpu:7.2f} CPU s {spent.seconds:7.2f} s", flush=True)
    print()
    for name, many in found.items():
        times = [each.cpu for each in many]
        print(
            f"{name:38} {median(times):7.2f} CPU s ({min(times):.2f} to {max(times):.2f}) "
            f"{median(each.seconds for each in many):7.2f} s"
        )
    print("one run beyond the work of its cells:", " ".join(f"{each:.2f}" for each in over), "s")


def cold(place: Place, rounds: int) -> None:
    """One run with nothing warm, beside the Papermill command."""
    for _ in range(rounds):
        place.stop()
        for name, work in (("nbpromote, cold", place.run), ("papermill", place.papermill)):
            spent = cost(partial(work, 1))
            print(f"{name:20} {spent.cpu:7.2f} CPU s {spent.seconds:7.2f} s", flush=True)


def many(place: Place, count: int, notebook: str, every: int) -> None:
    """So many runs by one command: what its process and those that stay hold, and what is left on the disk."""
    place.run(1, notebook=notebook)
    print(f"before: {left(place)}", flush=True)
    print("runs begun: process: MB, threads, files, sockets")
    already = begun(place)
    print(f"{0:5}: {'; '.join(sorted(held()))}", flush=True)
    words = ["run", f"notebooks/production/{notebook}.py", "--sweep", f"n=1..{count}", "-j", "2"]
    before, started = cpu(), time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "nbpromote.cli", *words],
        cwd=place.root, env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as runner:  # fmt: skip
        following = min(10, every)
        while runner.poll() is None:
            if (done := begun(place) - already) >= following:
                print(f"{done:5}: {'; '.join(sorted(held()))}", flush=True)
                following = (done // every + 1) * every
            time.sleep(0.2)
        assert runner.stderr is not None
        print(f"ended with {runner.returncode} {runner.stderr.read().decode()[-300:]}")
    print(f"{count:5}: {'; '.join(sorted(held()))}; {time.monotonic() - started:.0f} s, {cpu() - before:.0f} CPU s")
    print(f"after: {left(place)}")


def left(place: Place) -> str:
    """How many files and folders lie where a run could leave some."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folders = (place.temporary, caches / "nbpromote", caches / "commonlib")
    return ", ".join(f"{len(list(folder.rglob('*')))} in {folder.name}" for folder in folders)


def begun(place: Place) -> int:
    """How many runs have begun."""
    return sum(1 for _ in place.root.glob("runs/*/record.json"))


def held() -> list[str]:
    """What each process below this one holds that is no kernel."""
    found = []
    for process in descendants():
        try:
            words, parent = process.cmdline(), " ".join(getattr(process.parent(), "cmdline", list)())
            is_fork = "zygote" in parent
            if process.status() == psutil.STATUS_ZOMBIE or (is_fork and _COMMANDS not in parent):
                continue  # a kernel, which lasts as long as its run
            stays = (
                f"stays for {'commands' if _COMMANDS in words else 'kernels'}" if "zygote" in " ".join(words) else ""
            )
            caller = "caller" if "nbpromote.cli" in words else process.name()
            name = "runner" if is_fork else stays or caller
            numbers = (process.memory_info().rss >> 20, process.num_threads(), process.num_fds())
            found.append(f"{name} {' '.join(map(str, numbers))} {len(process.net_connections('inet'))}")
        except psutil.Error:
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("beyond", "beside", "cold", "many"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=1000, help="runs for `many`")
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--notebook", choices=("trivial", "small"), default="trivial")
    parser.add_argument("--ploomber", type=Path, help="a Python in whose environment ploomber-engine is")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="nbr-") as folder:
        place = Place(Path(folder), given.ploomber)
        try:
            if given.what == "beyond":
                beyond(place, given.rounds)
            elif given.what == "beside":
                beside(place, given.rounds)
            elif given.what == "cold":
                cold(place, given.rounds)
            else:
                many(place, given.count, given.notebook, given.every)
        finally:
            place.stop()


if __name__ == "__main__":
    main()
