"""How long does it take to understand a notebook?

    python benchmarks/analysis.py FOLDER [--beside PYTHON] [--made]

`--beside` names a Python that has marimo and soorgeon: the same files go through marimo's converter and soorgeon's
analysis of inputs and outputs in the same run, so that the ratio holds on any machine. `--made` adds notebooks of
10,000 cells and of a cell of a megabyte, made for their size. Times are CPU seconds of one core; nothing is executed.
"""

import argparse
import json
import random
import string
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nbpromote.analysis import analyse, rules
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import read
from nbpromote.notebook.model import Cell, CellKind, Format, Notebook

_SUFFIXES = frozenset({".ipynb", ".py", ".sql", ".r", ".scala", ".md", ".Rmd"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--beside", type=Path, help="a Python that has marimo and soorgeon")
    parser.add_argument("--made", action="store_true", help="add notebooks that are made for their size")
    chosen = parser.parse_args()
    paths = sorted(path for path in chosen.folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    warm_up()
    mine = {str(path): seconds for path in paths if (seconds := time_of(path)) is not None}
    report("analysis", list(mine.values()))
    if chosen.beside:
        books = [path for path in mine if path.endswith(".ipynb")]
        for tool, theirs in times_beside(chosen.beside, books).items():
            both = [path for path in books if theirs.get(path) is not None]
            report(f"{tool} (took {len(both)} of {len(books)} .ipynb)", [theirs[path] for path in both])
            report("analysis of the same", [mine[path] for path in both])
            if both:
                print(f"  ratio {sum(theirs[path] for path in both) / sum(mine[path] for path in both):.1f}")
    if chosen.made:
        for name, notebook in made():
            print(f"{name}: {seconds_of(lambda notebook=notebook: analyse(notebook)):.2f} s")


def time_of(path: Path) -> float | None:
    """Seconds to read and analyse; None when it is no notebook."""
    try:
        return seconds_of(lambda: analyse(read(path)))
    except (NbpromoteError, OSError):
        return None


def seconds_of(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def warm_up() -> None:
    """Imports and specifications are loaded once for all notebooks."""
    rules.find(analyse(notebook_of(["import pandas as pd, numpy as np", "%time x = 1", "spark.sql('select 1')"])))


def report(name: str, seconds: Sequence[float]) -> None:
    found = sorted(seconds)
    if not found:
        print(f"{name}: none")
        return
    parts = {"median": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
    told = ", ".join(
        f"{part} {found[min(int(len(found) * share), len(found) - 1)]:.3f}" for part, share in parts.items()
    )
    under = sum(each < 1 for each in found) / len(found)
    print(f"{name}: {len(found)} notebooks, {sum(found):.1f} s; {told}, longest {found[-1]:.3f}; under 1 s {under:.2%}")


def times_beside(python: Path, paths: Sequence[str]) -> dict[str, dict[str, float]]:
    """What other tools need for the same files, in a process of theirs."""
    script = Path(__file__).with_name("beside.py")
    done = subprocess.run([python, script], input=json.dumps(paths), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python} {script} failed:\n{done.stderr[-2000:]}")
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def made() -> list[tuple[str, Notebook]]:
    letters = random.Random(1)
    chain = [f"v{n} = v{n - 1} + [1]\nv{n // 2}.append({n})" if n else "v0 = []" for n in range(10_000)]
    frame = ["import pandas as pd\ndf = pd.DataFrame({'c0': [1]})"]
    frame += [f"df['c{n}'] = df['c{n // 2}'] * 2\ndf.head()" for n in range(1, 10_000)]
    rows = [f"x{n} = '{''.join(letters.choices(string.ascii_letters, k=40))}'" for n in range(19_000)]
    broken = [*rows, "print 'x'", *rows[:500]]
    return [
        ("10,000 cells of lists that hold each other's parts", notebook_of(chain)),
        ("10,000 cells that change one frame", notebook_of(frame)),
        ("a cell of a megabyte", notebook_of(["\n".join(rows), "print(x1)"])),
        ("a broken cell of a megabyte", notebook_of(["\n".join(broken), "print(x1)"])),
    ]


def notebook_of(sources: Sequence[str]) -> Notebook:
    cells = tuple(Cell(f"c{number}", number, CellKind.CODE, text) for number, text in enumerate(sources, start=1))
    return Notebook("made.ipynb", Format.IPYNB, "python", cells)


if __name__ == "__main__":
    main()
