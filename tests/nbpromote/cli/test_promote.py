"""Promotions of small notebooks in a repository of their own, with real kernels."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

SALES = """\
# %% [markdown]
# # Share of sales

# %%
import pandas as pd
import matplotlib.pyplot as plt

# %%
sales = pd.read_csv("sales.csv")

# %%
sales.head()

# %%
WORST = 1.0  # regions below are left out

# %%
def share(part, whole):
    return part / whole


def chosen(frame):
    return frame[frame["amount"] >= WORST]

# %%
totals = chosen(sales.groupby("region", as_index=False)["amount"].sum())
totals["share"] = share(totals["amount"], totals["amount"].sum())

# %%
totals.to_csv("totals.csv", index=False)

# %%
nothing_there

# %%
totals
"""


Promoted = tuple[Path, dict[str, bytes], subprocess.CompletedProcess[str]]


def nbpromote(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"LAKE_ROOT", "COLUMNS"}}
    return subprocess.run(
        [sys.executable, "-m", "nbpromote.cli", *words],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def files(root: Path) -> dict[str, bytes]:
    """Every file of the repository but git's and the tool's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".nbpromote", "__pycache__"} & set(path.parts)
    }


def make_repository(root: Path) -> Path:
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    assert nbpromote(root, "init").returncode == 0
    (root / "notebooks/adhoc/sales.csv").write_text("region,amount\nn,1.5\ns,2.0\nn,3.25\ne,0.5\n")
    (root / "notebooks/adhoc/sales.py").write_text(SALES)
    return root


def commit(root: Path) -> None:
    author = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(root), *author, "commit", "-q", "--allow-empty", "-m", "state"], check=True)


@pytest.fixture(scope="module")
def promoted(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, bytes], subprocess.CompletedProcess[str]]:
    root = make_repository(tmp_path_factory.mktemp("promote") / "it's a repository")
    before = files(root)
    return root, before, nbpromote(root, "promote", "notebooks/adhoc/sales.py")


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str], Path]:
    def made(notebook: str) -> Path:
        root = make_repository(tmp_path / "repository")
        (root / "notebooks/adhoc/other.py").write_text(notebook)
        return root

    return made


def test_a_promotion_lands_the_notebook_its_functions_their_tests_and_the_proof(promoted: Promoted) -> None:
    root, before, done = promoted
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Proof: same" in done.stdout
    made = files(root).keys() - before.keys()
    assert made == {
        "commonlib/sales.py",
        "notebooks/production/sales.py",
        "notebooks/production/sales.proof.json",
        "tests/commonlib/recorded/sales/chosen.json",
        "tests/commonlib/recorded/sales/share.json",
        "tests/commonlib/test_sales.py",
        "tests/notebooks/sales/default.ipynb",
        "tests/notebooks/sales/default.yml",
    }
    proof = json.loads((root / "notebooks/production/sales.proof.json").read_text())
    compared = {one["what"]: one["outcome"] for one in proof["compared"]}
    assert compared["derived/totals"] == "same"
    assert compared["what cell 10 shows"] == "same"


def test_a_proof_leaves_neither_data_nor_the_adhoc_notebooks_own_output_behind(promoted: Promoted) -> None:
    root, before, _ = promoted
    after = files(root)
    assert not (root / "lake").exists()
    assert "notebooks/adhoc/totals.csv" not in after
    moved = {"commonlib/__init__.py", "commonlib/CHANGELOG.md"}
    assert {path for path in before if after[path] != before[path]} == moved
    assert b'__version__ = "0.2.0"' in after["commonlib/__init__.py"]


def test_the_recorded_tests_pass_and_can_fail(promoted: Promoted) -> None:
    root, _, _ = promoted
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/commonlib"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    module = root / "commonlib/sales.py"
    text = module.read_text()
    assert subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True).returncode == 0
    module.write_text(text.replace("part / whole", "part / (whole + 1)"))
    assert subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True).returncode == 1
    told = promoted[2].stdout
    assert "chosen is tested for more than its calls: it treats each row alone" in told
    module.write_text(text.replace("frame[frame", "frame[frame.index < 1 + frame.index.max() // 1.5][frame"))
    assert "test_chosen_treats_each_row_alone" in (root / "tests/commonlib/test_sales.py").read_text()
    assert subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True).returncode == 1
    module.write_text(text)


def test_promoting_again_changes_nothing(promoted: Promoted) -> None:
    root, _, _ = promoted
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/sales.py")
    assert done.returncode == 0
    assert "Nothing to change" in done.stdout
    assert "its proof says: same" in done.stdout
    assert files(root) == before


@pytest.fixture
def edited(promoted: Promoted, tmp_path: Path) -> Path:
    """A clone of the promoted repository in which a person raised a parameter and the ad-hoc notebook moved on."""
    commit(promoted[0])
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(promoted[0]), str(root)], check=True)
    change(root / "notebooks/production/sales.py", "WORST: float = 1.0", "WORST: float = 3.0")
    change(root / "tests/commonlib/test_sales.py", "import pytest\n", "import pytest  # and nothing else\n")
    commit(root)
    change(root / "notebooks/adhoc/sales.py", "part / whole", "part / whole  # of all regions")
    return root


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_edits_that_change_results_land_only_when_they_are_accepted(edited: Path) -> None:
    before = files(edited)
    done = nbpromote(edited, "promote", "notebooks/adhoc/sales.py")
    assert done.returncode == 1
    assert "the promotion is proven, but what people edited in notebooks/production/sales.py changes" in done.stderr
    assert files(edited) == before

    done = nbpromote(edited, "promote", "notebooks/adhoc/sales.py", "--accept-edits")
    assert done.returncode == 0, done.stdout + done.stderr
    after = {path: content.decode("utf-8", "replace") for path, content in files(edited).items()}
    assert "WORST: float = 3.0" in after["notebooks/production/sales.py"]
    assert "part / whole  # of all regions" in after["commonlib/sales.py"]
    assert "import pytest  # and nothing else" in after["tests/commonlib/test_sales.py"]
    proof = json.loads(after["notebooks/production/sales.proof.json"])
    assert (proof["verdict"], proof["with_edits"]["verdict"]) == ("same", "differs")
    again = nbpromote(edited, "promote", "notebooks/adhoc/sales.py")
    assert "its proof says: same, but for what people edited" in again.stdout
    assert "stays as people changed it (cell 3)" in again.stdout


def test_what_both_sides_changed_is_shown_written_out_and_taken_as_chosen(edited: Path) -> None:
    change(edited / "notebooks/adhoc/sales.py", "WORST = 1.0", "WORST = 2.0")
    before, beside = files(edited), edited / "notebooks/production/sales.py.merge"
    done = nbpromote(edited, "promote", "notebooks/adhoc/sales.py")
    assert done.returncode == 1
    assert "notebooks/production/sales.py cell 3: changed on both sides" in done.stdout
    assert "WORST: float = 3.0" in done.stdout
    assert "WORST: float = 2.0" in done.stdout
    assert files(edited) == before

    assert nbpromote(edited, "promote", "notebooks/adhoc/sales.py", "--conflicts").returncode == 1
    assert files(edited) == before | {"notebooks/production/sales.py.merge": beside.read_bytes()}
    chosen = beside.read_text().split("<<<<<<< yours\n")[0] + "WORST: float = 2.5\n"
    beside.write_text(chosen + beside.read_text().split(">>>>>>> promoted now\n")[1])
    done = nbpromote(edited, "plan", "notebooks/adhoc/sales.py", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+WORST: float = 2.5" in done.stdout

    change(edited / "notebooks/adhoc/sales.py", "WORST = 2.0", "WORST = 4.0")
    done = nbpromote(edited, "promote", "notebooks/adhoc/sales.py")
    assert done.returncode == 1
    assert "sales.py.merge: is not of this merge" in done.stderr


def test_undo_takes_the_whole_promotion_back(promoted: Promoted) -> None:
    root, before, _ = promoted
    done = nbpromote(root, "undo")
    assert done.returncode == 0, done.stderr
    assert files(root) == before
    again = nbpromote(root, "undo")
    assert again.returncode == 1
    assert "no promotion was made here, or all were taken back" in again.stderr


UNPACKS = """\
# %%
import os, urllib.request, zipfile
import pandas as pd

# %%
with zipfile.ZipFile("sales.zip") as archive:
    archive.extractall("unpacked")

# %%
sales = pd.read_csv("unpacked/sales.csv")
sales.groupby("region").sum().to_csv("totals.csv")
"""
FETCHES = UNPACKS.replace(
    'sales = pd.read_csv("unpacked/sales.csv")',
    'urllib.request.urlretrieve("file://" + os.path.abspath("sales.csv"), os.path.join("kept", "fetched.csv"))\n'
    'sales = pd.read_csv("kept/fetched.csv")',
)


def test_what_a_notebook_unpacks_is_read_where_it_unpacks_it_and_is_not_left_behind(repository) -> None:
    root = repository(UNPACKS)
    adhoc = root / "notebooks/adhoc"
    with zipfile.ZipFile(adhoc / "sales.zip", "w") as archive:
        archive.write(adhoc / "sales.csv", "sales.csv")
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'pd.read_csv("unpacked/sales.csv")' in (root / "notebooks/production/other.py").read_text()
    assert all(path.startswith(("notebooks/production/", "tests/notebooks/")) for path in files(root).keys() - before)


def test_what_a_notebook_makes_where_production_would_not_find_it_is_refused_and_not_left_behind(repository) -> None:
    root = repository(FETCHES.replace('archive.extractall("unpacked")', 'os.makedirs("kept")'))
    with zipfile.ZipFile(root / "notebooks/adhoc/sales.zip", "w"):
        pass
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert done.returncode == 1
    assert (
        "reads notebooks/adhoc/kept/fetched.csv, which was not there before it ran: it makes that itself" in done.stderr
    )
    assert files(root) == before


def test_functions_of_two_notebooks_share_a_module_and_each_is_promoted_again_for_itself(repository) -> None:
    one = (
        "# %%\nimport math\nimport pandas as pd\n\n# %%\ndef root(value):\n    return math.sqrt(value)\n\n"
        "# %%\npd.DataFrame({'r': [root(4.0)]}).to_csv('roots.csv')\n"
    )
    root = repository(one)
    (root / "notebooks/adhoc/more.py").write_text(
        one.replace("root", "square").replace("math.sqrt(value)", "np.square(value)").replace("math", "numpy as np")
    )
    commit(root)
    for name in ("other", "more"):
        done = nbpromote(root, "promote", f"notebooks/adhoc/{name}.py", "--module", "numbers")
        assert done.returncode == 0, done.stdout + done.stderr
        commit(root)
    module = (root / "commonlib/numbers.py").read_text()
    assert module.index("def root") < module.index("def square")
    assert {path for path in files(root) if path.startswith("tests/commonlib/test_numbers")} == {
        "tests/commonlib/test_numbers__other.py",
        "tests/commonlib/test_numbers__more.py",
    }
    change(root / "notebooks/adhoc/other.py", "return math", "return 1 * math")
    done = nbpromote(root, "promote", "notebooks/adhoc/other.py")  # it has not forgotten the module
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "commonlib/numbers.py").read_text() == module.replace("return math", "return 1 * math")
    for name in ("other", "more"):
        assert "Nothing to change" in nbpromote(root, "promote", f"notebooks/adhoc/{name}.py").stdout
    change(root / "notebooks/adhoc/more.py", "def square", "def root")
    change(root / "notebooks/adhoc/more.py", "[square(", "[root(")
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/more.py")
    assert done.returncode == 1
    assert "commonlib/numbers.py" in done.stdout + done.stderr
    assert files(root) == before


@pytest.mark.parametrize(
    ("notebook", "told"),
    [
        (
            "# %%\nimport os\nimport pandas as pd\n\n# %%\n"
            "noise = pd.DataFrame({'x': [os.getpid()]})\nnoise.to_csv('noise.csv')\n",
            "the promotion is not proven (derived/noise: noise.csv",
        ),
        (
            "# %%\nimport pandas as pd\n\n# %%\nframe = pd.DataFrame({'x': [1]})\nframe.no_such_method()\n"
            "frame.to_csv('x.csv')\n",
            "the ad-hoc notebook does not run: cell 2: AttributeError",
        ),
        (
            "# %%\nimport os\nimport pandas as pd\n\n# %%\n"
            "frame = pd.DataFrame({'x': [1]})\nos.kill(os.getpid(), 9)\nframe.to_csv('x.csv')\n",
            "the ad-hoc notebook does not run: cell 2: DeadKernel",
        ),
    ],
    ids=["differs", "fails", "dies"],
)  # fmt: skip
def test_what_is_not_proven_does_not_land(repository, notebook: str, told: str) -> None:
    root = repository(notebook)
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert done.returncode == 1
    assert told in done.stderr
    assert files(root) == before


@pytest.mark.spark
def test_what_hangs_on_the_order_of_sparks_rows_does_not_land(repository) -> None:
    root = repository(
        "# %%\nfrom pyspark.sql import functions as F\nnumbers = spark.range(1000).withColumn('k', F.col('id') % 7)\n\n"
        "# %%\nsome = numbers.withColumn('n', F.monotonically_increasing_id())\n\n"
        "# %%\nsome.groupBy('k').agg(F.sum('n')).write.parquet('some')\n"
    )
    before = files(root)
    done = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert done.returncode == 1
    assert "Proof: differs" in done.stdout
    assert "13 shuffle partitions" in done.stdout
    assert "it hangs on the order of rows from cell 3 on: derived/some: " in done.stderr
    assert files(root) == before


def test_a_draft_is_written_unproven_says_what_to_mend_and_is_replaced_when_that_is_done(repository) -> None:
    notebook = (
        "# %%\nimport pandas as pd\n\n# %%\nsales = pd.read_csv('gone.csv')\n\n"
        "# %%\ntotal = sales.amount.sum()\n\n# %%\npd.DataFrame({'total': [total]}).to_csv('total.csv')\n"
    )
    root = repository(notebook)
    before = files(root)
    refused = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert refused.returncode == 1
    assert "--draft" in refused.stderr
    assert files(root) == before
    done = nbpromote(root, "promote", "--draft", "notebooks/adhoc/other.py")
    assert done.returncode == 0, done.stderr
    assert files(root).keys() - before.keys() == {
        "notebooks/production/other.py",
        "notebooks/production/other.proof.json",
    }
    proof = json.loads((root / "notebooks/production/other.proof.json").read_text())
    assert proof["verdict"] == "unproven"
    assert [one["where"] for one in proof["to_do"]] == ["cell 2", "cell 3", "cell 4"]
    assert "mend cell 2" in proof["to_do"][1]["what"]
    assert "**Unproven draft.**" in (root / "notebooks/production/other.py").read_text()
    assert "NB106" in nbpromote(root, "check", "notebooks/production/other.py").stdout
    (root / "notebooks/adhoc/gone.csv").write_text("amount\n1\n2\n")
    again = nbpromote(root, "promote", "notebooks/adhoc/other.py")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nproven" not in (root / "notebooks/production/other.py").read_text()
    guarded = nbpromote(root, "promote", "--draft", "--name", "other", "notebooks/adhoc/sales.py")
    assert guarded.returncode == 1


def test_ctrl_c_in_the_middle_leaves_everything_as_it_was(repository) -> None:
    root = repository(
        "# %%\nimport time\nimport pandas as pd\n\n# %%\nframe = pd.DataFrame({'x': [1]})\n"
        "time.sleep(600)\nframe.to_csv('x.csv')\n"
    )
    before = files(root)
    running = subprocess.Popen(
        [sys.executable, "-m", "nbpromote.cli", "promote", "notebooks/adhoc/other.py"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stderr is not None
    assert "running the ad-hoc notebook" in running.stderr.readline()
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in said
    assert files(root) == before


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", 1, "empty"),
        (b"{ not json", 1, "JSON"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', 1, "no"),
    ],
    ids=["empty file", "not JSON", "no cells"],
)
def test_a_file_that_is_no_notebook_is_told_in_one_line(repository, content: bytes, code: int, told: str) -> None:
    root = repository("")
    (root / "notebooks/adhoc/broken.ipynb").write_bytes(content)
    done = nbpromote(root, "promote", "notebooks/adhoc/broken.ipynb")
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "broken.ipynb" in done.stderr
    assert told in done.stderr + done.stdout


def test_a_missing_notebook_and_a_folder_without_commonlib_say_what_to_do(tmp_path: Path, repository) -> None:
    root = repository("")
    done = nbpromote(root, "promote", "notebooks/adhoc/nowhere.ipynb")
    assert done.returncode == 1
    assert "nowhere.ipynb" in done.stderr
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    (lonely / "a.py").write_text("# %%\n1\n")
    done = nbpromote(lonely, "promote", "a.py")
    assert done.returncode == 2
    assert "nbpromote init" in done.stderr
