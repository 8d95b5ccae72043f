"""`nbpromote check --fix`: what is safe is mended in the file of any format, and every other byte stays."""

import json
from pathlib import Path

import jsonschema
import pytest

from nbpromote.cli import main
from nbpromote.cli.terminal import err, out
from tests.nbpromote.cli.test_check import _SARIF

IPYNB = """{
   "nbformat_minor": 2, "nbformat": 4,
   "cells": [
      {"cell_type": "code", "execution_count": 3, "metadata": {"z": 1, "a": [1,  2]},
       "outputs": [{"output_type": "stream", "name": "stdout", "text": "caf\\u00e9 ü"}],
       "source": [
          "import numpy as np, pandas as pd  # ü\\n",
          "import os, sys  # ü\\n",
          "from pyspark.sql.functions import *\\n",
          "from collections import Mapping\\n",
          "import json"
       ]},
      {"source": "df = pd.DataFrame([np.float(1), Mapping, sys, col])\\ndf.head()\\ndf.to_csv('o', line_terminator='')",
       "cell_type": "code", "execution_count": null, "metadata": {}, "outputs": []}
   ],
   "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
}
"""
IPYNB_FIXED = (
    IPYNB.replace('          "import os, sys', '          "import sys')
    .replace("functions import *", "functions import col")
    .replace("collections import", "collections.abc import")
    .replace(' Mapping\\n",\n          "import json"', ' Mapping"')
    .replace("np.float(1)", "float(1)")
    .replace("\\ndf.head()", "\\ndisplay(df.head())")
    .replace("line_term", "lineterm")
    .replace("numpy as np, ", "")
)
PERCENT = "# %% [markdown]\n# ü\n\n# %%\r\nimport os\r\n\r\n# %%\nimport json\nimport numpy as np\nnp.NaN\n"
DATABRICKS = (
    "# Databricks notebook source\n# DBTITLE 1,Ü\nimport os\nfrom pyspark.sql.types import *\n\n"
    "# COMMAND ----------\n\n# MAGIC %md  text \n\n# COMMAND ----------\n\nStringType()\nprint(1)\n"
)
STORIES = {
    "a.ipynb": (IPYNB, IPYNB_FIXED),
    "percent.py": (
        PERCENT,
        PERCENT.replace("import os\r\n", "\r\n").replace("import json\n", "").replace("NaN", "nan"),
    ),
    "databricks.py": (
        DATABRICKS,
        DATABRICKS.replace("import os\n", "").replace("types import *", "types import StringType"),
    ),
    "light.md": ("# T\n\n```python\nimport os\nx = 1\n```\n", "# T\n\n```python\nx = 1\n```\n"),
    "latin.py": ("# coding: latin-1\n# %%\nimport os\nx = 'ü'\n", "# coding: latin-1\n# %%\nx = 'ü'\n"),
}


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    out.cache_clear()
    err.cache_clear()
    return tmp_path


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1" if "latin-1" in text else "utf-8"))
    return path


@pytest.mark.parametrize("name", STORIES)
def test_what_is_safe_is_mended_and_every_other_byte_stays(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = STORIES[name]
    path = write(name, before)
    original = path.read_bytes()
    main(["check", "--diff", name])
    assert path.read_bytes() == original
    assert "+" in capsys.readouterr().out
    main(["check", "--fix", name])
    assert path.read_bytes() == after.encode("latin-1" if "latin-1" in after else "utf-8")
    capsys.readouterr()
    main(["check", "--format", "json", name])
    assert not [each for one in json.loads(capsys.readouterr().out) for each in one["findings"] if each["fix"]]
    main(["check", "--fix", name])
    assert "nothing to fix" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "import os  # noqa: F401\nx = 1",
        "import seaborn as sns\nx = 1",  # registers colour maps
        "import os\nexec(code)",
        "%run ./other\nimport os",
        "from pyspark.sql.functions import *\nprint(eval('col'))",
        "from pyspark.sql.functions import *\nprint(StringType)",  # older versions bind it, too
        "import numpy as np\nfloat = 3\nnp.float(1)",
        "df['a'].fillna(0, inplace=True)",
        "df.fillna(0, method='ffill')",
        "pd.read_csv('a', error_bad_lines=False, warn_bad_lines=False)",
        "m.sample(500)\nm.x",
        "df.head();\nx = 1",
        "def display(x): ...\ndf.head()\nx = 1",
        "x = rows is 'a'",
        "import os  # nbpromote: ignore[NB163]\nx = 1",
    ],
)
def test_what_might_change_a_result_or_is_meant_stays(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.py", f"# %%\n{text}\n")
    main(["check", "--fix", "a.py"])
    assert path.read_text() == f"# %%\n{text}\n", capsys.readouterr().out


def test_names_that_another_notebook_runs_for_stay_and_so_does_production(repository: Path) -> None:
    cell = "# %%\nimport os\n"
    shared = write("notebooks/adhoc/setup.py", cell)
    write("notebooks/adhoc/main.py", "# %%\n# %run ./setup\nprint(os)\n")
    production = write("notebooks/production/a.py", cell)
    link = repository / "link.py"
    link.symlink_to(write("other.txt", cell))
    main(["check", "--fix"])
    assert {path.read_text() for path in (shared, production, link)} == {cell}


def test_only_what_is_selected_is_mended_and_all_files_or_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write("a.py", "# %%\nimport os\nimport numpy as np\nnp.float(1)\n")
    write("b.py", "# %%\nimport sys\nx = 1\n")
    main(["check", "--fix", "--select", "NB165"])
    assert first.read_text() == "# %%\nimport os\nimport numpy as np\nfloat(1)\n"
    mended = Path.replace

    def no_room(self: Path, target: Path) -> Path:
        if target == Path("b.py").resolve():
            raise OSError(28, "No space left on device")
        return mended(self, target)

    monkeypatch.setattr(Path, "replace", no_room)
    before = first.read_text()
    assert main(["check", "--fix"]) == 1
    assert first.read_text() == before
    assert "every file is as it was" in capsys.readouterr().err


def test_sarif_tells_the_fix_as_a_change_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.ipynb", IPYNB)
    main(["check", "--format", "sarif"])
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, _SARIF)
    (result,) = [each for each in document["runs"][0]["results"] if each["ruleId"] == "NB160"]
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    line = path.read_text().splitlines()[region["startLine"] - 1]
    made = (
        f"{line[: region['startColumn'] - 1]}{replacement['insertedContent']['text']}{line[region['endColumn'] - 1 :]}"
    )
    assert made == '          "from pyspark.sql.functions import col\\n",'
