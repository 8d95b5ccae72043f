"""Are slices right? Runs notebooks whole, then only the cells that a name needs, and compares what the name holds.

    python benchmarks/slices.py FOLDER [--seconds 300] [--names 6] [--needless]

This executes the notebooks that it is given: name a folder of those that you trust.
"""

import argparse
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from execution import Outcome, run

from nbpromote.analysis import analyse
from nbpromote.analysis.slices import slice_for
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import read
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell, Notebook

# What reaches beyond the folder, or takes long: such notebooks are left out.
_REACHES_OUT = re.compile(
    r"os\.system|subprocess|rmtree|requests|urllib|urlopen|socket|os\.remove|unlink|input\(|fetch_|load_dataset|"
    r"tensorflow|torch|keras|pymc|multiprocessing|webbrowser|SparkSession|SparkContext|os\.kill|download"
)
_FEWEST_CELLS = 3
_SUFFIXES = frozenset({".ipynb", ".py", ".md", ".Rmd"})


@dataclass(frozen=True, slots=True)
class Tried:
    """One slice that was run."""

    path: Path
    name: str
    is_right: bool
    kept: float
    needless: int | None
    error: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=300, help="time for all of it")
    parser.add_argument("--limit", type=float, default=25, help="seconds for one run of a notebook")
    parser.add_argument("--names", type=int, default=6, help="names tried in a notebook")
    parser.add_argument("--seed", type=int, default=0, help="which notebooks and names come first")
    parser.add_argument(
        "--needless", action="store_true", help="drop each cell of a right slice, to count the needless"
    )
    chosen = parser.parse_args()
    paths = sorted(path for path in chosen.folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    picked = random.Random(chosen.seed)
    picked.shuffle(paths)
    end = time.monotonic() + chosen.seconds
    found: list[Tried] = []
    for path in paths:
        if time.monotonic() > end:
            break
        for tried in try_notebook(path, chosen.limit, chosen.names, picked, with_needless=chosen.needless):
            found.append(tried)
            if not tried.is_right:
                print(f"{tried.path}: {tried.name} differs {tried.error}", flush=True)
            elif tried.needless:
                print(f"{tried.path}: {tried.name} needs {tried.needless} cells fewer", flush=True)
    report(found)


def report(found: list[Tried]) -> None:
    if not found:
        print("no notebook ran")
        return
    right = sum(tried.is_right for tried in found)
    kept = sum(tried.kept for tried in found) / len(found)
    print(f"{len({tried.path for tried in found})} notebooks, {len(found)} slices")
    print(f"right {right} ({right / len(found):.1%}), cells kept {kept:.1%}")
    counted = [tried.needless for tried in found if tried.needless is not None]
    if counted:
        print(f"needless cells {sum(counted)} in {len(counted)} right slices")


def try_notebook(path: Path, limit: float, most: int, picked: random.Random, *, with_needless: bool) -> Iterator[Tried]:
    """Slices of this notebook for some of its names; nothing when it does not run here.

    Values that differ between two whole runs are nobody's fault, and are left out.
    """
    try:
        notebook = read(path)
    except (NbpromoteError, OSError):
        return
    sources = {cell.id: code.source for cell in notebook.code_cells if not (code := code_of(cell)).problem}
    text = "\n".join(sources.values())
    if notebook.language != "python" or len(sources) < _FEWEST_CELLS or _REACHES_OUT.search(text):
        return
    whole = run(list(sources.values()), path.parent, limit)
    ran = list(sources)[: whole.cells]
    if len(ran) < _FEWEST_CELLS:
        return
    whole = run([sources[cell_id] for cell_id in ran], path.parent, limit)
    again = run([sources[cell_id] for cell_id in ran], path.parent, limit)
    facts = analyse(of_cells(notebook, [cell for cell in notebook.code_cells if cell.id in set(ran)]))
    bound = {name for cell in facts.cells for name in cell.binds}
    names = sorted(name for name in bound & whole.values.keys() if again.values.get(name) == whole.values[name])
    picked.shuffle(names)
    for name in names[:most]:
        cells = slice_for(facts, [], names=[name]).cells

        def outcome(cells: tuple[str, ...]) -> Outcome:
            return run([sources[cell_id] for cell_id in cells], path.parent, limit)

        sliced = outcome(cells)
        if sliced.error == "out of time":
            continue
        is_right = sliced.values.get(name) == whole.values[name]
        needless = None
        if is_right and with_needless:
            shorter = [tuple(other for other in cells if other != cell_id) for cell_id in cells]
            needless = sum(
                (tried := outcome(each)).cells == len(each) and tried.values.get(name) == whole.values[name]
                for each in shorter
            )
        yield Tried(path, name, is_right, len(cells) / len(ran), needless, sliced.error)


def of_cells(notebook: Notebook, cells: list[Cell]) -> Notebook:
    return replace(notebook, cells=tuple(cells))


if __name__ == "__main__":
    main()
