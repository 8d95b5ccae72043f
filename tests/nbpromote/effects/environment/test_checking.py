"""A small repository whose environment agrees with its notebooks, and one row for each way to drift."""

import json
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.cli.terminal import out
from nbpromote.effects.environment import checking
from nbpromote.effects.environment.variants import find_variant_drift
from nbpromote.effects.files.repository import find
from tests.nbpromote.environment.test_drift import ASKED, LOCKED, PINS

NOTEBOOK = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %%
import pandas as pd
from commonlib import sales

# %% language="bash"
# ls

# %%
files = !ls
from rich import print
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "environment.yml": ASKED,
        "conda-lock.yml": LOCKED,
        "requirements.lock": PINS,
        "pyproject.toml": "[tool.nbpromote]\n",
        "commonlib/__init__.py": "",
        "commonlib/sales.py": "import json\nimport pandas\n",
        "notebooks/production/sales.py": NOTEBOOK,
        "notebooks/adhoc/tried.py": "# %%\nimport torch\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def drift(root: Path) -> list[str]:
    report = checking.check(find(root), with_installed=False)
    return [str(one) for one in report.drift if not one.is_note]


def test_a_repository_that_agrees_has_no_drift(root: Path) -> None:
    assert drift(root) == []


def test_a_module_may_use_databricks_connect_where_it_is_there_in_place_of_pyspark(root: Path) -> None:
    lazily = "def session():\n    from databricks.connect import DatabricksSession\n    return DatabricksSession\n"
    (root / "environment.yml").write_text(ASKED.replace("    - rich>=15", "    - rich>=15\n    - pyspark==4.3.0"))
    (root / "commonlib/sales.py").write_text(f"import pandas\nimport pyspark\n{lazily}")
    assert [one for one in drift(root) if "databricks" in one] == []
    (root / "commonlib/sales.py").write_text("import pandas\nimport databricks.connect\n")
    assert "imports databricks.connect" in "".join(drift(root))


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("environment.yml", "  - pandas >=2.3,<3\n", "", "notebooks/production/sales.py cell 1: imports pandas, which"),
        ("notebooks/production/sales.py", "import pandas as pd", "import sklearn.svm", "scikit-learn"),
        (
            "notebooks/production/sales.py",
            "from rich import print",
            "import yaml",
            "cell 3: imports yaml; ask for it in env",
        ),
        ("commonlib/sales.py", "import json", "def f():\n    import cv2", "commonlib/sales.py: imports cv2"),
        ("notebooks/production/sales.py", "name: python3", "name: mine", "names the kernel mine"),
        ("notebooks/production/sales.py", "#     display_name: Python 3\n", "", "what it imports is not known"),
        (
            "environment.yml",
            "  - pip:",
            "  - pip:\n    - pyspark\n    - databricks-connect",
            "replaces files of the other",
        ),
        ("environment.yml", "pandas >=2.3,<3", "pandas >=3", "environment.yml asks for >=3"),
        ("pyproject.toml", "[tool", '[project]\nname = "x"\ndependencies = ["polars>=1"]\n[tool', "lacks polars"),
        ("conda-lock.yml", None, None, "conda-lock.yml: is not there; make it: nbpromote env lock"),
        ("requirements.lock", None, None, "requirements.lock: is not there, and environment.yml has a pip part"),
        ("environment.yml", None, None, "environment.yml: is not there"),
    ],
)
def test_each_way_to_drift_is_found(root: Path, file: str, old: str | None, new: str | None, told: str) -> None:
    path = root / file
    if old is None or new is None:
        path.unlink()
    else:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    found = drift(root)
    assert any(told in one for one in found), found


def test_a_notebook_without_metadata_is_not_passed_over(root: Path) -> None:
    cells = [{"cell_type": "code", "metadata": {}, "source": "import torch", "outputs": [], "execution_count": None}]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks/production/bare.ipynb").write_text(json.dumps(document))
    assert any("bare.ipynb cell 1: imports torch" in one for one in drift(root))


def test_what_a_module_needs_that_is_only_loaded_when_wanted_may_be_an_extra(root: Path) -> None:
    (root / "commonlib/sheets.py").write_text("import libcst\n")
    (root / "commonlib/sales.py").write_text("import pandas\ndef f():\n    from commonlib import sheets\n")
    assert drift(root) == []
    (root / "commonlib/sales.py").write_text("from commonlib import sheets\nimport pandas\n")
    assert any("commonlib/sheets.py: imports libcst" in one for one in drift(root))


def test_what_nothing_imports_is_a_note_and_breaks_nothing(root: Path) -> None:
    (root / "environment.yml").write_text(ASKED.replace("    - rich>=15", "    - rich>=15\n    - lightgbm>=4"))
    notes = [one for one in checking.check(find(root), with_installed=False).drift if one.is_note]
    assert any("lightgbm>=4, which no notebook" in str(one) for one in notes)


def test_the_command_tells_and_exits_with_one(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "commonlib/sales.py").write_text("import torch\n")
    monkeypatch.chdir(root)
    assert main(["env", "check", "--no-installed", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    hint = "ask for it in environment.yml: torch, if that is what the package is called"
    drifted = {"where": "commonlib/sales.py", "what": "imports torch", "hint": hint, "severity": "drift"}
    assert [one for one in told["drift"] if one["severity"] == "drift"] == [drifted]


def test_a_plan_tells_what_the_environment_is_not_asked_for(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    cells = [
        "%pip install xgboost==2.1.0 openpyxl",
        "import pandas as pd, xgboost, sklearn.svm\ntry:\n    import cudf\nexcept ImportError:\n    pass",
        "import networkx",
        "xgboost.train(sklearn.svm.SVC(), pd.DataFrame()).to_csv('out.csv')",
    ]
    path = root / "notebooks/adhoc/fit.py"
    path.write_text("".join(f"# %%\n{cell}\n\n" for cell in cells).replace("%pip", "# %pip"))
    out.cache_clear()  # the console of an earlier test writes elsewhere
    main(["plan", str(path)])
    told = capsys.readouterr().out.partition("\nEnvironment\n")[2].partition("\n\n")[0]

    assert [" ".join(line.split()) for line in told.splitlines()] == [
        "? scikit-learn environment.yml lacks scikit-learn cell 2 imports sklearn.svm",
        "? xgboost environment.yml lacks xgboost==2.1.0 cell 2 imports xgboost, cell 1 installs it",
        "openpyxl environment.yml lacks openpyxl cell 1 installs it, and no cell imports it by that name",
        "to have them nbpromote env adopt notebooks/adhoc/fit.py locks it, builds the environment anew, and accepts it "
        "when all tests pass in it; promote --adopt does it first",
    ]
    (root / "environment.yml").unlink()
    main(["plan", str(path)])
    assert "the notebook installs xgboost==2.1.0" in capsys.readouterr().out


def test_a_variant_that_is_locked_is_held_against_its_own_locks(root: Path) -> None:
    asked = "name: x\nchannels: [c]\nplatforms: [linux-64]\ndependencies:\n  - python =3.11\n  - pip:\n    - rich>=15\n"
    (root / "environment-gpu.yml").write_text(asked)
    assert [*find_variant_drift(root)] == [], "one without locks is a wish"
    (root / "requirements-gpu.lock").write_text("pyspark==4.0.0\ndatabricks-connect==15.4.0\n")
    said = [str(one) for one in checking.check(find(root), with_installed=False).drift]
    for what in (
        "requirements-gpu.lock: lacks rich on linux-64, which environment-gpu.yml asks for",
        "conda-lock-gpu.yml: is not there; make it: nbpromote env lock --variant gpu",
        "requirements-gpu.lock: holds pyspark and databricks-connect",
    ):
        assert any(what in one for one in said), said


def test_a_variant_that_is_not_there_is_a_usage_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert main(["env", "lock", "--variant", "tpu"]) == 2
