"""The command line: quick, complete, and clear when something is wrong."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.cli.commands import COMMANDS
from nbpromote.cli.terminal import clean

START = [sys.executable, "-c", "import sys; from nbpromote.cli import main; sys.exit(main())"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def cpu_seconds(command: list[str]) -> float:
    """The least processor time of five starts: wall time measures the neighbours."""
    found = []
    for _ in range(5):
        before = os.times()
        subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
        after = os.times()
        found.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(found)


def test_help_names_every_command_and_is_quick() -> None:
    said = subprocess.run([*START, "--help"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
    assert all(f"  {name} " in said for name in COMMANDS)
    assert cpu_seconds([*START, "--help"]) - cpu_seconds([sys.executable, "-c", "pass"]) < 0.3


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_imports_nothing_slow_for_it(command: str) -> None:
    code = (
        "import sys; from nbpromote.cli import main; code = main([sys.argv[1], '--help']);"
        "slow = {'pyspark', 'pandas', 'papermill', 'nbconvert'} & set(sys.modules); assert not slow, slow;"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command], capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: nbpromote" in done.stdout


def test_a_near_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chek"]) == 2
    assert "Did you mean 'check'?" in capsys.readouterr().err


def test_an_error_is_one_line_without_a_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text("{ not json")
    assert main(["run", str(tmp_path / "broken.ipynb")]) == 1
    assert main(["run", str(tmp_path / "missing.ipynb")]) in {1, 2}
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert "\x1b" not in said


def test_a_reader_that_goes_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*START, "--help"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False, env=ENVIRONMENT
    )
    os.close(writer)
    assert "Traceback" not in done.stderr


def test_text_of_a_notebook_cannot_play_with_the_terminal() -> None:
    assert clean("\x1b[2J\x1b]0;title\x07a\x1b[31mb\rc\x00\u202ed\te\n") == "abcd\te\n"


def test_an_unfit_parameter_stops_before_a_kernel_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.py").write_text(
        '# %% tags=["parameters"]\ncutoff: "date" = "1997-09-30"  # last day\n\n# %%\nprint(cutoff)\n'
    )
    begun = time.monotonic()
    assert main(["run", str(tmp_path / "n.py"), "-p", "cutof=1998-01-01"]) == 2
    assert time.monotonic() - begun < 10
    assert "did you mean cutoff?" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
    assert main(["run", str(tmp_path / "n.py"), "--help"]) == 0
    assert "last day" in capsys.readouterr().out
    (tmp_path / "p.yml").write_text("cutoff: 1998-01-01\n")
    assert main(["run", str(tmp_path / "n.py"), "--dry-run", "--parameters-file", str(tmp_path / "p.yml")]) == 0
    assert "cutoff = '1998-01-01'" in capsys.readouterr().out
