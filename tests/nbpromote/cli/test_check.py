"""`nbpromote check`: the report, its exit code, and what hostile notebooks may not do to a terminal."""

import json
from pathlib import Path

import pytest

from nbpromote.cli import main


def write(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {},
                "source": cell,
                "outputs": [],
                "execution_count": None,
            }
            for index, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


GOOD = ("import pandas as pd\ndf = pd.read_csv('a.csv')", "df.head()", "df.to_parquet('o.parquet')")


def test_a_report_shows_the_line_with_carets_and_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD[:2], "df['k'] = ghost + 1", GOOD[2])
    assert main(["check", str(path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    at = next(index for index, line in enumerate(shown) if line.startswith("blocks NB102"))
    assert shown[at].endswith("cell 3:1:11: uses ghost, which no cell binds")
    assert shown[at + 1] == "    1 | df['k'] = ghost + 1"
    assert shown[at + 2] == "      |           ^^^^^"
    assert "hint: bring back the cell" in shown[at + 3]


def test_what_only_warns_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path / "a.ipynb", *GOOD))]) == 0
    assert "can be promoted, with 1 warning; 2 of 3 code cells lead to 1 result" in capsys.readouterr().out


def test_a_folder_is_searched_and_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "one" / "a.ipynb", *GOOD)
    write(tmp_path / "two" / "b.ipynb", "x = 1")
    write(tmp_path / ".ipynb_checkpoints" / "c.ipynb", "syntax error here")
    (tmp_path / "script.py").write_text("x = 1\n")
    (tmp_path / "broken.ipynb").write_text("{")
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "3 notebooks: 1 can be promoted, 1 blocked, 1 without a result" in said.err
    assert "NB100" in said.out


def test_json_is_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", "print(ghost)")
    main(["check", "--format", "json", str(path)])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["path"] == str(path)
    wanted = {"code": "NB102", "cell": 1, "line": 1, "column": 7}
    assert any(wanted.items() <= finding.items() for finding in told["findings"])


def test_a_hostile_notebook_sends_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "a.ipynb", "'\x1b[2J\x1b]0;owned\x07\u202e' + ghost", "!echo \x1b[31m\x07", "x = = '\x1b[2J'"
    )
    main(["check", str(path)])
    shown = capsys.readouterr().out
    assert not any(control in shown for control in ("\x1b", "\x07", "\u202e"))
    assert "ghost" in shown


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "no.ipynb")]) == 2
    assert "there is no such file" in capsys.readouterr().err
