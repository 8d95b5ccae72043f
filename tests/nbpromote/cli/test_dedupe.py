"""`nbpromote dedupe` on a repository with copies, as a user would see it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbpromote.effects.files import scaffolding
from nbpromote.effects.files.workspace import Workspace

COPY = """\
def spread(values, low=0.1):
    ordered = sorted(values)
    cut = int(len(ordered) * low)
    return ordered[-1 - cut] - ordered[cut]
"""
PRODUCTION = f"""\
# %%
import math

# %% tags=["parameters"]
LOW: float = 0.1

# %%
{COPY.replace("ordered", "o").replace("values", "vs")}

# %%
print(spread([3, 1, 2], low=LOW), math.pi)
"""


def nbpromote(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "120"}
    command = [sys.executable, "-m", "nbpromote.cli", *words]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    Workspace(tmp_path).apply(scaffolding.edits_for(tmp_path))
    for path, text in {
        "commonlib/numbers.py": COPY,
        "notebooks/production/one.py": PRODUCTION,
        "notebooks/adhoc/one.py": f"# %%\n{COPY}\n# %%\nspread([1])\n",
        "notebooks/adhoc/two.py": f"# %%\n{COPY.replace('sorted(values)', 'sorted(set(values))')}\n",
        "tests/notebooks/one/default.yml": "parameters: {}\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    kept = (path for path in root.rglob("*") if path.is_file() and ".nbpromote" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept if "__pycache__" not in path.parts}


def test_groups_are_shown_with_places_and_lines_that_differ_and_nothing_is_touched(repository: Path) -> None:
    before = files(repository)
    done = nbpromote(repository, "dedupe")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "spread: the same code, with other names in 3 places",
        "  commonlib/numbers.py:1",
        "  notebooks/adhoc/one.py cell 1:1",
        "  notebooks/production/one.py cell 3:1",
        "spread: nearly the same code in 2 places",
        "  commonlib/numbers.py:1",
        "  notebooks/adhoc/two.py cell 1:1",
        "    -    ordered = sorted(values)",
        "    +    ordered = sorted(set(values))",
        "notebooks/production/one.py can import spread from commonlib.numbers: nbpromote dedupe --apply",
    ]
    assert files(repository) == before


@pytest.mark.kernel
def test_notebooks_import_it_when_they_then_do_what_they_did_and_it_can_be_taken_back(repository: Path) -> None:
    assert nbpromote(repository, "test", "--update").returncode == 0
    before = files(repository)
    done = nbpromote(repository, "dedupe", "--apply")
    assert done.returncode == 0, done.stderr
    changed = {path for path, content in files(repository).items() if before.get(path) != content}
    assert changed == {"notebooks/production/one.py", "tests/notebooks/one/default.ipynb"}
    text = (repository / "notebooks/production/one.py").read_text()
    assert "from commonlib.numbers import spread" in text
    assert "def spread" not in text
    assert "nbpromote dedupe --apply" not in nbpromote(repository, "dedupe").stdout
    assert nbpromote(repository, "undo").returncode == 0
    assert files(repository) == before
    reference = repository / "tests/notebooks/one/default.ipynb"
    reference.write_text(reference.read_text().replace("3.14159", "3.15"))
    before = files(repository)
    refused = nbpromote(repository, "dedupe", "--apply")
    assert refused.returncode == 1
    assert "tests/notebooks/one/default.yml: shows or writes something else" in refused.stderr
    assert files(repository) == before
