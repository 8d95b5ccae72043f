"""`nbpromote compare`, as far as nothing runs."""

from pathlib import Path

import pytest

from nbpromote.cli import main

A = "# %%\nx = 1\n\n# %%\nprint(x)\n"
B = "# %%\nx = 2  # <script>alert(1)</script>\n\n# %%\nprint(x)\n"


def test_a_comparison_is_a_page_on_which_nothing_of_a_notebook_is_active(tmp_path: Path) -> None:
    a, b, page = tmp_path / "a.py", tmp_path / "b.py", tmp_path / "page.html"
    a.write_text(A)
    b.write_text(B)
    for _ in range(2):  # its own page it writes again
        assert main(["compare", str(a), str(b), "--static", "--html", str(page)]) == 0
    text = page.read_text()
    assert "x = 2  # &lt;script&gt;" in text
    assert "<script" not in text
    assert text.count("<pre>print(x)</pre>") == 1  # the same code stands there once
    assert "1 of 2 cells have the same code; neither was run." in text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.py", "a page is an .html file"),
        ("mine.html", "is no page of a comparison"),
        ("no/p.html", "there is no folder"),
    ],
)
def test_no_file_of_a_person_is_lost_to_a_page(
    name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, mine = tmp_path / "a.py", tmp_path / "mine.html"
    a.write_text(A)
    mine.write_text("<p>mine</p>")
    assert main(["compare", str(a), str(a), "--static", "--html", str(tmp_path / name)]) == 2
    assert told in capsys.readouterr().err
    assert (a.read_text(), mine.read_text()) == (A, "<p>mine</p>")
