"""What hooks run before a commit: outputs are taken out, and pairs are held against each other."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nbpromote.cli import main
from nbpromote.notebook.stripping import strip


def notebook(*sources: str, **outputs: Any) -> str:
    cells = [
        {
            "cell_type": "code", "id": f"c{place}", "metadata": {"tags": ["keep"], "execution": {"a": 1}},
            "execution_count": place, "source": source.splitlines(keepends=True),
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["é\n"]}],
        }
        for place, source in enumerate(sources, 1)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3"}, "jupytext": {"formats": "ipynb,py:percent"}, "widgets": {"x": 1}}
    whole = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def test_stripping_takes_out_what_a_run_left_and_leaves_every_other_byte() -> None:
    before = notebook("a = 1\nprint('é')")
    after = strip(before.encode(), "a.ipynb").decode()
    assert strip(after.encode(), "a.ipynb").decode() == after, "twice is once"
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert any('"execution"' in line for line in gone)
    assert json.loads(after)["cells"][0]["metadata"] == {"tags": ["keep"]}
    assert json.loads(after)["metadata"].keys() == {"kernelspec", "jupytext"}
    assert "print('é')" in after
    assert after.startswith('{\n  "cells"'), "the indent stays"


def test_references_keep_their_outputs_and_others_lose_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    paths = [tmp_path / "tests/notebooks/a/default.ipynb", tmp_path / "notebooks/production/a.ipynb"]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(notebook("a = 1"))
    (tmp_path / "broken.ipynb").write_text("{}]")
    monkeypatch.chdir(tmp_path)
    assert main(["strip", "--check", *map(str, paths)]) == 1
    assert paths[1].read_text() == notebook("a = 1")
    assert main(["strip", *map(str, paths)]) == 1
    assert main(["strip", *map(str, paths)]) == 0
    assert paths[0].read_text() == notebook("a = 1")
    assert '"outputs": []' in paths[1].read_text()
    assert (
        "has outputs  notebooks/production/a.ipynb\nstripped  notebooks/production/a.ipynb\n" in capsys.readouterr().out
    )
    assert main(["strip", "broken.ipynb"]) == 1
    assert "broken.ipynb: is no notebook (" in capsys.readouterr().err


def test_a_pair_out_of_step_is_told_with_what_changed_since_the_last_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    text, paired = tmp_path / "notebooks/adhoc/a.py", tmp_path / "notebooks/adhoc/a.ipynb"
    text.parent.mkdir(parents=True)
    cells = '# %% tags=["keep"]\na = 1\n\n# %% tags=["keep"]\nb = 2\n'
    text.write_text(cells)
    paired.write_text(notebook("a = 1", "b = 2"))
    monkeypatch.chdir(tmp_path)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)
    assert main(["pairs"]) == 0
    assert capsys.readouterr().out == "1 pair in step\n"
    text.write_text(cells.replace("keep", "parameters", 1))
    assert main(["pairs"]) == 1
    assert "the tags of cell 1 are parameters in the text and keep in the notebook" in capsys.readouterr().err
    text.write_text(cells)
    paired.write_text(notebook("a = 1", "b = 3"))
    assert main(["pairs", str(text)]) == 1
    said = capsys.readouterr().err
    assert "cell 2 is 'b = 2' in the text and 'b = 3' in the notebook" in said
    assert "the notebook changed since the last commit: jupytext --to py:percent --output notebooks/adhoc/a.py" in said
    paired.write_text(notebook("a = 1", "b = 2\nc = 3"))
    assert main(["pairs", str(text)]) == 1
    assert "line 2 of cell 2 is nothing in the text and 'c = 3' in the notebook" in capsys.readouterr().err
