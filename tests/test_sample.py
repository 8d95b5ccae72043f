"""The sample: what is committed is exactly what the tool makes of it, and the demo runs it the whole way."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commonlib.lake import logs
from nbpromote.effects.files.workspace import Workspace
from nbpromote.notebook import read
from nbpromote.promotion.header import is_same_but_for_stamp
from nbpromote.promotion.planning import make_draft, make_plan, options_for

ROOT = Path(__file__).parents[1]
SOURCE = "notebooks/adhoc/customer_value.ipynb"
PROOF = ROOT / "notebooks/production/customer_value.proof.json"


def test_promoting_the_sample_again_finds_no_difference() -> None:
    workspace = Workspace(ROOT)
    draft = make_draft(read(ROOT / SOURCE, name=SOURCE), options_for(SOURCE), workspace)
    assert [edit.path for edit in make_plan(draft, workspace).edits] == []


def test_the_proof_vouches_for_every_promoted_file_as_it_is() -> None:
    proof = json.loads(PROOF.read_text())
    assert proof["verdict"] == "same"
    for path, digest in proof["files"].items():
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path


def test_reading_commands_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from nbpromote.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "heavy = sorted({'pyspark', 'pandas', 'papermill', 'numpy', 'pyarrow'} & sys.modules.keys())\n"
        "print('HEAVY', code, heavy)\n"
    )
    for words in (["plan", SOURCE], ["check", SOURCE], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout.splitlines()[-1].endswith(" []"), done.stdout[-300:] + done.stderr[-2000:]


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.spark
@pytest.mark.kernel
def test_the_demo_lands_validates_promotes_proves_and_runs_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    checkout = tmp_path / "a checkout"
    git(ROOT, "clone", "-q", str(ROOT), str(checkout))
    environment = {name: value for name, value in os.environ.items() if name not in {"LAKE_ROOT", "COLUMNS"}}
    command = [sys.executable, "-m", "nbpromote.cli", "demo"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Proof: same" in done.stdout
    assert git(checkout, "status", "--porcelain") == ""

    clone = next((checkout / "build/demo").iterdir())
    for path in ("notebooks/production/customer_value.py", "commonlib/customer_value.py"):
        # There the functions are new, and make a version.
        made = (clone / path).read_text().replace("'>=0.2,<1'", "'>=0.1,<1'")
        assert is_same_but_for_stamp(made, (checkout / path).read_text()), path
    scores = logs.latest("derived/customer_value", clone / "lake")
    assert scores is not None
    assert (scores.number, scores.rows) == (1, 23_570)
    record = json.loads(next((clone / "runs").glob("*/record.json")).read_text())
    assert record["status"] == "done"
    assert record["parameters"]["CAL_END"] == "1997-12-31"

    before = {path: path.stat().st_mtime_ns for path in clone.rglob("*") if path.is_file() and ".git" not in path.parts}
    again = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert "Nothing to change" in again.stdout
    after = {path: path.stat().st_mtime_ns for path in clone.rglob("*") if path.is_file() and ".git" not in path.parts}
    changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    assert [path for path in changed if "lock" not in path.name and "__pycache__" not in path.parts] == []
