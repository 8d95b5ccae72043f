"""`nbpromote flow`: the tree, the pictures, and slices."""

import json
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.cli.terminal import out

CELLS = (
    "import pandas as pd",
    "df = pd.read_csv('sales.csv')",
    "df.head()",
    "top = df.nlargest(3, 'net')",
    "late = ghost",
    "df.to_csv('out.csv')",
)


def write(path: Path, *cells: str) -> Path:
    told = [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": "## Sales"}]
    told += [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": cell,
            "outputs": [],
            "execution_count": None,
        }
        for number, cell in enumerate(cells)
    ]
    path.write_text(json.dumps({"cells": told, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook under its name alone, since a long path folds the lines that tell it."""
    monkeypatch.chdir(tmp_path)
    return write(Path("sales.ipynb"), *CELLS)


@pytest.fixture(autouse=True)
def _new_console() -> None:
    out.cache_clear()


def shown(capsys: pytest.CaptureFixture[str], *words: object) -> list[str]:
    assert main(["flow", *map(str, words)]) == 0
    return [line.lstrip("│├└─ ").rstrip() for line in capsys.readouterr().out.splitlines()]


def test_the_tree_tells_what_each_cell_makes_and_needs(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, notebook)
    assert lines[0].endswith("sales.ipynb  3 of 6 code cells lead to 1 result")
    assert lines[1] == "Sales"
    at = lines.index("●   3 df = pd.read_csv('sales.csv')")
    assert lines[at + 1 : at + 3] == ["reads   sales.csv", "makes   df → 4, 5, 7"]
    at = lines.index("★   7 df.to_csv('out.csv')")
    assert lines[at + 1 : at + 3] == ["needs   df ← 3", "writes  out.csv"]
    assert lines[lines.index("○   4 df.head()") + 2] == "it only looks"
    assert "▲ uses ghost, which no cell binds" in lines


def test_a_slice_tells_why_each_cell_is_in_or_out(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, notebook, "--slice", "top")
    assert lines[0].endswith("3 of 6 code cells lead to top")
    assert "binds df, which cell 5 uses" in lines
    assert "binds top, which was asked for" in lines
    assert lines[lines.index("○   7 df.to_csv('out.csv')") + 3] == "it comes after all that is needed"
    assert shown(capsys, notebook, "--slice", "3")[0].endswith("2 of 6 code cells lead to cell 3")


@pytest.mark.parametrize(
    ("word", "said"),
    [("tpo", "did you mean top?"), ("99", "the last is 7"), ("1", "that is a markdown cell"), ("0", "no such cell")],
)
def test_a_slice_of_what_is_not_there_is_a_usage_error(
    word: str, said: str, notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flow", str(notebook), "--slice", word]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("columns", [30, 60, 200])
def test_the_tree_fits_the_terminal(
    columns: int, notebook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    write(
        notebook,
        "日本語 = '" + "長" * 300 + "'",
        f"print({'日本語, ' * 40})",
        f"open('{'p' * 300}', 'w').write(日本語)",
    )
    assert main(["flow", str(notebook)]) == 0
    from rich.cells import cell_len

    lines = capsys.readouterr().out.splitlines()
    assert all(cell_len(line) <= max(columns, 38) for line in lines[1:-2])


def test_a_hostile_notebook_sends_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "a.ipynb",
        "x = '\x1b[2J\x1b]0;owned\x07\u202e'",
        "open('\x1b[31m\x07.csv', 'w').write(x)",
        "!\x1b[2J",
    )
    main(["flow", str(path)])
    told = capsys.readouterr().out
    assert not any(control in told for control in ("\x1b", "\x07", "\u202e"))
    assert "★" in told


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_a_picture_is_drawn_again_but_nothing_else_is_overwritten(
    suffix: str, notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = notebook.with_suffix(suffix)
    for _ in range(2):
        assert main(["flow", str(notebook), "--output", str(picture)]) == 0
    assert "to_csv" in picture.read_text(encoding="utf-8")
    mine = notebook.with_name(f"mine{suffix}")
    mine.write_text("my own work")
    assert main(["flow", str(notebook), "-o", str(mine)]) == 2
    assert "is no picture of a flow" in capsys.readouterr().err
    assert mine.read_text() == "my own work"


def test_a_picture_of_an_unknown_kind_is_refused(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flow", str(notebook), "-o", str(notebook)]) == 2
    assert "a picture is an .svg or an .html file" in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_an_error_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    assert main(["flow", str(tmp_path / "a.ipynb")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
