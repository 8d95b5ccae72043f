"""How many wrong changes of a production notebook do its regression tests catch?

Each operator, constant and column's name of the notebook is changed, one at a time. Whether a mutant computes another
result is found apart from the tool: its code runs as a script, and what its cells show, print, plot and write to the
lake is kept whole. Of the mutants that do, those are caught whose case fails. A notebook that is given brings its case.
"""

import argparse
import ast
import contextlib
import copy
import hashlib
import io
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import jupytext

from nbpromote.effects.files import repository as repositories
from nbpromote.effects.running import case_files, cases, recording
from nbpromote.effects.running.judging import Held
from nbpromote.effects.running.markers import Markers
from nbpromote.notebook import parse

NO_MARKERS = Markers(frozenset(), frozenset(), frozenset())
NOTEBOOK = """\
# %% tags=["parameters"]
YEARS: int = 3
RATE: float = 0.15

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from commonlib import lake

# %%
rng = np.random.default_rng(7)
sales = pd.DataFrame({
    "region": rng.choice(["north", "south", "west"], 600),
    "year": rng.integers(2019, 2019 + YEARS, 600),
    "units": rng.poisson(6, 600),
    "price": rng.gamma(3.0, 4.5, 600).round(2),
})
sales.loc[sales.index % 50 == 0, "price"] = np.nan

# %%
sales["price"] = sales["price"].fillna(sales["price"].median())
sales["revenue"] = sales["units"] * sales["price"]
sales["is_large"] = (sales["units"] > 8) & (sales["revenue"] >= 100)
sales = sales[sales["units"] > 0]
sales.head()

# %%
by_region = sales.groupby(["region", "year"], as_index=False)[["revenue", "units"]].sum()
by_region["mean_price"] = by_region["revenue"] / by_region["units"]
by_region["discounted"] = by_region["revenue"] / (1 + RATE) ** (by_region["year"] - 2019)
by_region

# %%
slope, level = np.polyfit(sales["units"], sales["revenue"], 1)
print(f"revenue = {slope:.3f} * units + {level:.3f}")
share = sales["is_large"].mean()
print("large:", round(100 * share, 2), "%")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
for region, rows in by_region.groupby("region"):
    ax.plot(rows["year"], rows["discounted"], marker="o", label=region)
ax.axhline(level + 10 * slope, color="0.6")
ax.legend();

# %%
lake.write(by_region, "derived/by_region")
lake.write(sales[["region", "year", "revenue", "is_large"]], "derived/sales")
"""
_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.Mod: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Each changed notebook, and what was changed."""
    notebook = jupytext.reads(text, "py:percent")
    columns = sorted(
        {node.value for cell in notebook.cells for node in _constants(cell) if isinstance(node.value, str)}
    )
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        for place, node in enumerate(ast.walk(ast.parse(cell.source))):
            for changed in _changes(node, columns):
                tree = ast.parse(cell.source)
                _replace(tree, place, changed)
                made = copy.deepcopy(notebook)
                hidden = ";" if cell.source.rstrip().endswith(";") else ""
                made.cells[number].source = ast.unparse(tree) + hidden
                before = ast.unparse(node) if not isinstance(node, ast.operator | ast.cmpop) else type(node).__name__
                after = ast.unparse(changed) if isinstance(changed, ast.expr) else type(changed).__name__
                yield jupytext.writes(made, "py:percent"), f"cell {number + 1}: {before} -> {after}"


def _constants(cell: dict[str, str]) -> Iterator[ast.Constant]:
    if cell["cell_type"] == "code":
        yield from (node for node in ast.walk(ast.parse(cell["source"])) if isinstance(node, ast.Constant))


def _changes(node: ast.AST, columns: list[str]) -> Iterator[ast.AST]:
    if (other := _OTHER.get(type(node))) is not None:
        yield other()
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int | float):
            yield ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 1.01)
        elif isinstance(node.value, str) and node.value in columns:
            yield ast.Constant(columns[(columns.index(node.value) + 1) % len(columns)])


def _replace(tree: ast.AST, place: int, changed: ast.AST) -> None:
    wanted = list(ast.walk(tree))[place]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is wanted:
                setattr(parent, name, changed)
                return
            if isinstance(value, list):
                for number, one in enumerate(value):
                    if one is wanted:
                        value[number] = changed
                        return


def result(worker: Pool, text: str) -> str:
    """A digest of all that this notebook shows, prints, plots and writes; of its error when it stops."""
    return worker.apply_async(_result, (text,)).get(300)


def _land(root: Path, files: dict[str, str]) -> None:
    """Begin the process that results are found in, with a lake of its own."""
    import pyarrow.parquet

    os.environ["LAKE_ROOT"] = str(root)
    from commonlib import lake

    for name, path in files.items():
        lake.write(pyarrow.parquet.read_table(path), name)


def _result(text: str) -> str:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from commonlib import lake

    content, printed = hashlib.sha256(), io.StringIO()

    def write(frame: Any, name: str, **_: object) -> None:
        frame = frame.toPandas() if hasattr(frame, "toPandas") else frame
        content.update(f"{name} {list(frame.columns)} {list(frame.dtypes)}".encode())
        # Rows have no order in the lake, and float noise is no other result.
        rows = sorted(
            tuple(f"{one:.10g}" if isinstance(one, float) else repr(one) for one in row) for row in frame.values
        )
        content.update(repr(rows).encode())

    def show(value: Any) -> None:
        told = value.to_csv(float_format="%.10g") if hasattr(value, "to_csv") else repr(value)
        content.update(b"" if value is None else told.encode())

    lake.write = write  # type: ignore[assignment]
    plt.close("all")
    try:
        with contextlib.redirect_stdout(printed):
            names = {"__name__": "__main__", "_show": show}
            for cell in jupytext.reads(text, "py:percent").cells:
                if cell.cell_type == "code":
                    exec(compile(_showing(cell.source), "mutant", "exec"), names)
        for number in plt.get_fignums():
            figure = plt.figure(number)
            figure.canvas.draw()
            content.update(bytes(figure.canvas.buffer_rgba()))
    except Exception as error:
        content.update(f"{type(error).__name__} {error}".encode())
    content.update(printed.getvalue().encode())
    return content.hexdigest()


def _showing(source: str) -> ast.Module:
    """The code of a cell, which hands over the value that it ends with."""
    tree = ast.parse(source)
    if tree.body and isinstance(last := tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last.value = ast.Call(ast.Name("_show", ast.Load()), [last.value], [])
    return ast.fix_missing_locations(tree)


def is_caught(root: Path, text: str) -> bool:
    """Whether the case of this notebook fails."""
    repository = repositories.find(root)
    case = case_files.read_case(root / "tests/notebooks/mutated/default.yml")
    run = cases.run_case(repository, case, parse(text.encode(), "notebooks/production/mutated.py"))
    import nbformat

    return not Held(case, run, nbformat.read(case.reference, 4), NO_MARKERS).is_same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path, nargs="?", help="py:percent; a small one of its own when none is given")
    parser.add_argument(
        "case", type=Path, nargs="?", help="its case, on Parquet files; on every default when not given"
    )
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--skip", type=int, default=0, help="so many of them were tried before")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    given = parser.parse_args()
    text = given.notebook.read_text() if given.notebook else NOTEBOOK
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as held, contextlib.ExitStack() as held_open:
        root = Path(held).resolve()
        folder = root / "tests/notebooks/mutated"
        (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
        (root / "notebooks/production").mkdir(parents=True)
        (root / "notebooks/production/mutated.py").write_text(text)
        if given.case:
            shutil.copytree(given.case.parent, folder, ignore=shutil.ignore_patterns("*.ipynb"))
            shutil.copy(given.case, folder / "default.yml")
        else:
            folder.mkdir(parents=True)
            (folder / "default.yml").touch()
        os.chdir(root)
        repository = repositories.find(root)
        case = case_files.read_case(folder / "default.yml")
        notebook = cases.read_notebook(repository, case)
        recording.record(repository, case, notebook, cases.run_case(repository, case, notebook))
        files = {name: str(folder / file) for name, file in case.lake.items()}
        worker = held_open.enter_context(get_context("spawn").Pool(1, _land, (root / "lake", files)))
        right, counts, every = result(worker, text), {"caught": 0, "missed": 0, "same result": 0}, list(mutants(text))
        assert right == result(worker, text), "it does not compute the same twice"
        assert not is_caught(root, text)
        # Every third first, so that a run that is cut short has seen all of the notebook.
        for made, what in [*every[::3], *every[1::3], *every[2::3]][given.skip :][: given.limit]:
            if time.monotonic() - begun > given.seconds:
                break
            if result(worker, made) == right:
                counts["same result"] += 1
            elif is_caught(root, made):
                counts["caught"] += 1
            else:
                counts["missed"] += 1
                print(f"missed  {what}", flush=True)
    other = counts["caught"] + counts["missed"]
    print(
        f"{counts['caught']} of {other} mutants with another result caught "
        f"({100 * counts['caught'] / max(other, 1):.1f} %)"
    )
    print(f"{counts['same result']} have the same result; {len(every)} mutants in all")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{sum(one.ru_utime + one.ru_stime for one in used):.0f} CPU seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
