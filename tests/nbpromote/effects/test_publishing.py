"""The sample as a bundle: written once, the same bytes again, and never over what somebody else wrote."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nbpromote.effects import publishing
from nbpromote.effects.files import repository
from nbpromote.notebook import read

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bundle")
    shutil.copytree(ROOT / "commonlib", root / "commonlib", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "notebooks" / "production").mkdir(parents=True)
    for name in ("notebooks/production/customer_value.py", "conda-lock.yml", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    settings = '[tool.nbpromote]\n[tool.nbpromote.databricks.schedules]\ncustomer_value = "0 0 6 * * ?"\n'
    (root / "pyproject.toml").write_text(settings)
    return root


def test_the_sample_is_published_as_a_bundle_that_fits_together(sample: Path) -> None:
    here = repository.find(sample)
    published = publishing.plan(here, ())
    publishing.apply(here, published)
    assert published.problems == ()
    assert publishing.plan(here, ()).edits == ()
    assert publishing.check(here) == ()
    folder = sample / "databricks"
    job = yaml.safe_load((folder / "resources/customer_value.job.yml").read_text())["resources"]["jobs"][
        "customer_value"
    ]
    assert {"name": "HORIZON_WEEKS", "default": "52"} in job["parameters"]
    assert job["schedule"]["quartz_cron_expression"] == "0 0 6 * * ?"
    assert "base_parameters" not in job["tasks"][0]["notebook_task"]
    pins = job["environments"][0]["spec"]["dependencies"]
    assert any(one.startswith("scipy==") for one in pins)
    assert not any(one.startswith("pyspark") for one in pins)
    (wheel,) = (folder / "wheels").iterdir()
    code = "import commonlib.parameters as p; print(p.__file__, p.integer('n', '5'))"
    told = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {code}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert wheel.name in told
    assert told.endswith(" 5\n")


def test_a_job_without_a_lock_is_told(sample: Path, tmp_path: Path) -> None:
    unlocked = tmp_path / "unlocked"
    shutil.copytree(sample, unlocked, ignore=shutil.ignore_patterns("*lock*", "databricks"))
    (note,) = publishing.plan(repository.find(unlocked), ()).notes
    assert "and there is no lock of the environment; the job takes the newest" in note
    assert "scipy" in note


def test_what_somebody_else_wrote_is_kept(sample: Path) -> None:
    here = repository.find(sample)
    publishing.apply(here, publishing.plan(here, ()))
    own = sample / "databricks" / "databricks.yml"
    own.write_text(own.read_text() + "\npermissions: []\n")
    assert publishing.plan(here, ()).edits == ()
    notebook = sample / "databricks" / "notebooks" / "customer_value.py"
    notebook.write_text("mine\n")
    with pytest.raises(publishing.NotOurs, match="was not published by nbpromote"):
        publishing.plan(here, ())
    assert "does not begin with the header" in " ".join(map(str, publishing.check(here)))
    with pytest.raises(publishing.NoSuchNotebook, match="there are customer_value"):
        publishing.plan(here, ["sales"])


TYPED = """# %% tags=["parameters"]
day: "date" = "2024-03-01"  # First day
weeks: int = 4
refit: bool = False
ids: list = [1]
note: str = ""

# %%
from commonlib import parameters

day = parameters.date("day", day)
weeks = parameters.integer("weeks", weeks)
refit = parameters.boolean("refit", refit)
ids = parameters.listing("ids", ids, of=parameters.integer)
note = parameters.text("note", note)

# %%
import os
import commonlib
print([str(day), weeks, refit, list(ids), note, os.environ["LAKE_ROOT"], commonlib.__file__])
"""
# As a job on Databricks runs it: the workspace's `dbutils` among the names, its widgets texts that the job has set, and
# the root of the Git folder on the path, from which `commonlib` comes.
AS_A_JOB = """
import sys
sys.path.insert(0, {root!r})
from IPython.core.interactiveshell import InteractiveShell
from commonlib.dbutils.elsewhere import Elsewhere
shell = InteractiveShell.instance()
dbutils = shell.user_ns["dbutils"] = Elsewhere()
for name, value in {given!r}.items():
    dbutils.widgets.text(name, value)
for source in {sources!r}:
    shell.run_cell(source, store_history=True).raise_error()
"""


def test_a_published_file_runs_as_a_job_would_with_widgets_that_are_texts(sample: Path, tmp_path: Path) -> None:
    path = sample / "notebooks/production/typed.py"
    path.write_text(TYPED)
    here = repository.find(sample)
    publishing.apply(here, publishing.plan(here, ["typed"]))
    published = read(sample / "databricks/notebooks/typed.py")
    path.unlink()

    def told(**given: str) -> str:
        code = AS_A_JOB.format(root=str(sample), given=given, sources=[cell.source for cell in published.code_cells])
        command = [sys.executable, "-I", "-c", code]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    library = str(sample / "commonlib/__init__.py")
    given = {"day": "2025-01-31", "weeks": "26", "refit": "true", "ids": "[3, 4]", "LAKE_ROOT": "/Volumes/a/b/lake"}
    assert told(**given).splitlines()[-1] == f"['2025-01-31', 26, True, [3, 4], '', '/Volumes/a/b/lake', {library!r}]"
    defaults = told(LAKE_ROOT="/x").splitlines()[-1]
    assert defaults == f"['2024-03-01', 4, False, [1], '', '/x', {library!r}]"
