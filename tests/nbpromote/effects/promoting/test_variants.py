"""Two variants of a notebook side by side: the cells that belong together, and where their values part."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbpromote.analysis import analyse
from nbpromote.effects.promoting.variants import Compared, Variant, compare_variants
from nbpromote.notebook import parse

A = """\
# %%
import pandas as pd

# %%
sales = pd.DataFrame({"region": ["n", "s", "e"], "amount": [1.5, 2.0, 0.5]})

# %%
def share(part, whole):
    return part / whole

# %%
total = sales["amount"].sum()

# %%
sales["share"] = share(sales["amount"], total)

# %%
gone_tomorrow

# %%
sales.to_csv("out.csv", index=False)
sales
"""
B = (
    A.replace("sales", "frame")
    .replace("total = frame[", "total = 1 + frame[")
    .replace("    return part / whole\n", '    """A share."""\n    return part / whole\n\n\ndef spare():\n    pass\n')
    .replace("# %%\ngone_tomorrow\n", "# %%\nframe.describe()\n")
)


def static(a: str, b: str) -> Compared:
    made = [Variant(analyse(parse(text.encode(), name))) for text, name in ((a, "a.py"), (b, "b.py"))]
    return compare_variants(*made)


def test_cells_belong_together_by_their_text_and_by_what_they_bind() -> None:
    found = static(A, B)
    assert [(pair.a and pair.a.number, pair.b and pair.b.number) for pair in found.pairs] == [
        (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, None), (None, 6), (7, 7),
    ]  # fmt: skip
    assert [pair.is_same_code for pair in found.pairs[:2]] == [True, False]


def test_a_cell_that_was_moved_is_still_the_same_cell() -> None:
    moved = static("# %%\na = 1\n\n# %%\nprint('one')\n\n# %%\nprint(22, 33)\n",
                   "# %%\nprint(22, 33)\n\n# %%\na = 1\n\n# %%\nprint('one')\n")  # fmt: skip
    assert all(pair.is_same_code for pair in moved.pairs)


def test_a_notebook_is_the_same_as_itself() -> None:
    assert all(pair.is_same_code for pair in static(A, A).pairs)


@pytest.mark.kernel
def test_it_tells_where_two_variants_part_by_how_much_and_what_fails(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(A)
    (tmp_path / "b.py").write_text(B)
    command = [sys.executable, "-m", "nbpromote.cli", "compare", "a.py", "b.py"]
    done = subprocess.run([*command, "--format", "json"], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={name: value for name, value in os.environ.items() if name != "LAKE_ROOT"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    first = next(cell for cell in told["cells"] if cell["parts_first"])
    assert first["a"]["cell"] == 4
    assert first["values"] == [{"what": "total", "outcome": "differs", "detail": "is 5.0 and was 4.0"}]
    assert {one["what"]: one["outcome"] for one in told["cells"][1]["values"]} == {"sales / frame": "same"}
    assert [cell["a"]["error"] for cell in told["cells"] if cell["a"] and cell["a"]["error"]] == [
        "NameError: name 'gone_tomorrow' is not defined"
    ]
    assert [one["outcome"] for one in told["results"] if one["what"] == "out.csv"] == ["differs"]
    assert all(one["seconds"] > 0 and one["peak_memory"] > 0 for one in told["variants"].values())
    assert not (tmp_path / "out.csv").exists()
