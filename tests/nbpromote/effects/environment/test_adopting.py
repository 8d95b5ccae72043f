"""The common environment moves to what a notebook ran with, with proof; else everything stays."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.cli.terminal import out
from nbpromote.effects.environment.installing import NotInstalled
from nbpromote.effects.environment.solvers import solvers_python
from tests.nbpromote.effects.environment.small_channels import served, write_channel, write_wheel

ASKED = """\
channels: [CHANNEL]
platforms: [linux-64]
dependencies:
- python =3.11
- pip:
  - tool>=1,<2  # as it was
"""
NOTEBOOK = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
count = 3

# %%
import tool

tool.total(count)
"""
TOTAL = "def total(n):\n    return sum(range(n)) + {}\n"
LIBRARY_TEST = "import tool\n\n\ndef test_it():\n    assert tool.total(1) < 100\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    try:
        solvers_python(print)
    except NotInstalled as error:
        pytest.skip(f"conda-lock cannot be installed here: {error}")
    made = tmp_path / "root"
    write_channel(tmp_path / "web" / "channel", {"python 3.11.9 linux-64": []})
    for version, more in (("1.0", 0), ("2.0", 0), ("3.0", 1)):
        write_wheel(tmp_path / "web" / "simple", "tool", version, TOTAL.format(more))
    for name, text in {
        "pyproject.toml": "[tool.nbpromote]\n",
        "notebooks/production/sales.py": NOTEBOOK,
        "tests/notebooks/sales/default.yml": "",
        "tests/commonlib/test_tool.py": LIBRARY_TEST,
        "notebooks/adhoc/newer.py": "# %%\n# %pip install tool==2.0\n\n# %%\nimport tool\ntotal = tool.total(5)\n",
        "notebooks/adhoc/broken.py": "# %%\n# %pip install tool==3.0\n\n# %%\nimport tool\ntotal = tool.total(5)\n",
        "now/tool.py": TOTAL.format(0),
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    with served(tmp_path / "web") as address:
        (made / "environment.yml").write_text(ASKED.replace("CHANNEL", f"{address}/channel"))
        monkeypatch.chdir(made)
        for name in ("CONDA_EXE", "MAMBA_EXE", "CHANNEL_MIRRORS", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{address}/simple")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        assert main(["env", "lock"]) == 0
        monkeypatch.setenv("PYTHONPATH", str(made / "now"))
        assert main(["test", "--update"]) == 0
        monkeypatch.delenv("PYTHONPATH")
        out.cache_clear()  # the console of an earlier test writes elsewhere
        yield made


def files(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(root.iterdir()) if path.is_file() and path.name[0] != "."}


@pytest.mark.kernel
def test_a_newer_version_is_adopted_with_proof_and_one_that_breaks_a_notebook_is_not(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(root)
    capsys.readouterr()
    assert main(["env", "adopt", "notebooks/adhoc/broken.py"]) == 1
    told = capsys.readouterr().out
    assert "tool 1.0 -> 3.0  (environment.yml: tool>=1,<2 becomes tool>=1,<4)" in told
    assert "Not adopted, and nothing was written: of 5 tests, these fail with it." in told
    assert "  sales: notebooks/production/sales.py:17 cell 2: " in told
    assert "    moved: tool 1.0 -> 3.0\n" in told
    assert files(root) == before

    # Killed while it builds and tests, it leaves everything as it was.
    command = [sys.executable, "-m", "nbpromote.cli", "env", "adopt", "notebooks/adhoc/newer.py"]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        assert running.stderr is not None
        assert any("running all" in line for line in running.stderr)
        running.send_signal(signal.SIGKILL)
    assert files(root) == before

    assert main(["env", "adopt", "notebooks/adhoc/newer.py"]) == 0
    told = capsys.readouterr().out
    assert "5 tests passed in the fresh environment. Wrote environment.yml, requirements.lock." in told
    after = files(root)
    assert after["environment.yml"] == before["environment.yml"].replace(b"tool>=1,<2 ", b"tool>=1,<3 ")
    assert b"tool==2.0" in after["requirements.lock"]
    assert after["conda-lock.yml"] == before["conda-lock.yml"]

    assert main(["env", "adopt", "notebooks/adhoc/newer.py"]) == 0
    assert "nothing to adopt" in capsys.readouterr().out
    assert files(root) == after

    # A promotion that is to take the environment along ends with it.
    assert main(["init"]) == 0
    after = files(root)
    assert main(["promote", "--yes", "--adopt", "--result", "total", "notebooks/adhoc/broken.py"]) == 1
    assert "Not adopted, and nothing was written" in capsys.readouterr().out
    assert not (root / "notebooks/production/broken.py").exists()
    assert files(root) == after


def test_what_a_notebook_ran_with_is_asked_of_its_own_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "environment.yml").write_text("channels: [a]\nplatforms: [linux-64]\ndependencies:\n- python\n")
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (tmp_path / "mine.py").write_text("# %%\nimport yaml, json, beside\n")
    (tmp_path / "beside.py").write_text("")
    monkeypatch.chdir(tmp_path)
    out.cache_clear()
    assert main(["env", "adopt", "mine.py", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert f"mine.py ran with Python {sys.version.split()[0]} at {sys.executable}." in told
    assert "(environment.yml gets pyyaml>=" in told
    assert told.count("is new") == 1
    text = NOTEBOOK.replace("name: python3", "name: elsewhere")
    (tmp_path / "other.py").write_text(text)
    assert main(["env", "adopt", "other.py"]) == 1
    assert "its kernel elsewhere is not known here; name the Python" in capsys.readouterr().err
    assert main(["env", "adopt", "other.py", "--python", "/nowhere/python", "--dry-run"]) == 1
