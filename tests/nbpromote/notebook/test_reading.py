"""Every format that people keep notebooks in is read, and what cannot be read says so."""

import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import CellKind, Format, Notebook, parse, read


def ipynb(*cells: object, metadata: object = None, **others: object) -> bytes:
    return json.dumps(
        {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5, **others}
    ).encode()


def code(source: object, **others: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **others}


def told(notebook: Notebook) -> list[tuple[str, str, str]]:
    return [(str(cell.kind), cell.language, cell.source) for cell in notebook.cells]


def test_a_notebook_of_jupyter_keeps_ids_tags_counts_and_outputs() -> None:
    stream = {"output_type": "stream", "name": "stderr", "text": ["a\n", "b"]}
    shown = {"output_type": "execute_result", "data": {"text/plain": ["5"], "application/json": {"a": 1}}}
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["one", "two"]}
    cell = code(
        ["x = 1\r\n", "x"],
        id="abc",
        metadata={"tags": ["parameters"]},
        outputs=[stream, shown, failed],
        execution_count=7,
    )
    notebook = parse(ipynb(cell), "a.ipynb")
    (read_cell,) = notebook.cells
    assert (read_cell.id, read_cell.number, read_cell.source) == ("abc", 1, "x = 1\nx")
    assert (read_cell.tags, read_cell.execution_count, notebook.format) == (("parameters",), 7, Format.IPYNB)
    assert [(output.kind, output.name, output.text, output.error) for output in read_cell.outputs] == [
        ("stream", "stderr", "a\nb", ""),
        ("execute_result", "", "", ""),
        ("error", "'x'", "one\ntwo", "KeyError"),
    ]
    assert dict(read_cell.outputs[1].data) == {"text/plain": "5", "application/json": '{"a": 1}'}


def test_nbformat_3_is_read() -> None:
    pyout = {"output_type": "pyout", "text": ["5"], "png": "AAAA"}
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Title"},
        {"cell_type": "code", "input": ["print 5"], "prompt_number": 3, "language": "python", "outputs": [pyout]},
    ]
    notebook = parse(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {}}).encode(), "a.ipynb")
    assert told(notebook) == [("markdown", "python", "## Title"), ("code", "python", "print 5")]
    assert notebook.cells[1].execution_count == 3
    assert dict(notebook.cells[1].outputs[0].data) == {"text/plain": "5", "image/png": "AAAA"}


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "r"),
        ({"kernelspec": {"name": "python2"}}, "python"),
        ({"language_info": {"name": "scala"}}, "scala"),
        ({"kernelspec": {"name": "pysparkkernel"}}, "python"),
        ({"kernelspec": "wrong", "language_info": []}, "python"),
    ],
)
def test_the_kernel_tells_the_language(metadata: object, language: str) -> None:
    assert parse(ipynb(code("x"), metadata=metadata), "a.ipynb").language == language


def test_missing_double_and_unfit_ids_become_stable_ones() -> None:
    first = parse(ipynb(code("x"), code("x"), code("y", id="a b"), code("z", id="q"), code("w", id="q")), "a.ipynb")
    names = [cell.id for cell in first.cells]
    assert len(set(names)) == 5
    assert names[3] == "q"
    longer = parse(ipynb(code("new"), code("x"), code("x"), code("y"), code("z", id="q"), code("w")), "a.ipynb")
    assert [cell.id for cell in longer.cells[1:]] == names


def test_what_is_no_cell_is_kept_as_a_raw_one() -> None:
    notebook = parse(ipynb(5, {"cell_type": "new kind", "source": "x"}, {"metadata": 3}, code(None)), "a.ipynb")
    assert told(notebook) == [
        ("raw", "python", "5"),
        ("raw", "python", "x"),
        ("raw", "python", ""),
        ("code", "python", ""),
    ]


def test_half_characters_become_the_replacement_character() -> None:
    (cell,) = parse(ipynb(code("a\ud800b \U0001f600")), "a.ipynb").cells
    assert cell.source == "a\ufffdb \U0001f600"


PERCENT = '# %% [markdown]\n# # Title\n\n# %% tags=["parameters"]\nx = 1\n\n# %%\n# %matplotlib inline\nf(x)\n'
HEADER = """# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

"""


@pytest.mark.parametrize(
    "text", [PERCENT, HEADER + PERCENT, (HEADER + PERCENT).replace("\n", "\r\n"), "\ufeff" + PERCENT]
)
def test_percent_text_is_read_with_and_without_header(text: str) -> None:
    notebook = parse(text.encode(), "a.py")
    assert notebook.format is Format.TEXT
    assert told(notebook) == [
        ("markdown", "python", "# Title"),
        ("code", "python", "x = 1"),
        ("code", "python", "%matplotlib inline\nf(x)"),
    ]
    assert notebook.cells[1].tags == ("parameters",)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in parse(text.encode(), "b.py").cells]


@pytest.mark.parametrize(
    ("name", "text", "language", "sources"),
    [
        ("a.py", "# Title\n\nx = 1\n\n\ny = 2\n", "python", ["Title", "x = 1", "y = 2"]),
        ("a.md", "# Title\n\n```python\nx = 1\n```\n", "python", ["# Title", "x = 1"]),
        ("a.Rmd", "# Title\n\n```{r}\nx <- 1\n```\n", "r", ["# Title", "x <- 1"]),
        ("a.Rmd", "# Title\n\n```{python}\nx = 1\n```\n", "python", ["# Title", "x = 1"]),
        ("a.R", "# Title\n\nx <- 1\n", "r", ["Title", "x <- 1"]),
    ],
)
def test_other_jupytext_text_is_read(name: str, text: str, language: str, sources: list[str]) -> None:
    notebook = parse(text.encode(), name)
    assert notebook.language == language
    assert [cell.source for cell in notebook.cells] == sources


def test_databricks_source_is_recognised_before_jupytext_sees_it() -> None:
    text = (
        "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n\n# COMMAND ----------\n\n"
        "# DBTITLE 1,Load it\n# MAGIC %sql\n# MAGIC select 1\n\n# COMMAND ----------\n\n"
        '# MAGIC %run ./other $day="1"\n\n# COMMAND ----------\n\nx = 1\n'
    )
    notebook = parse(text.encode(), "a.py")
    assert (notebook.format, notebook.language) == (Format.DATABRICKS_SOURCE, "python")
    assert told(notebook) == [
        ("markdown", "python", "# Title"),
        ("code", "sql", "%sql\nselect 1"),
        ("code", "python", '%run ./other $day="1"'),
        ("code", "python", "x = 1"),
    ]
    assert notebook.cells[1].metadata["databricks"] == {"title": "Load it", "title_shown": True, "magic": True}


@pytest.mark.parametrize(
    ("name", "mark", "language"), [("a.sql", "--", "sql"), ("a.scala", "//", "scala"), ("a.r", "#", "r")]
)
def test_databricks_source_of_other_languages_is_read(name: str, mark: str, language: str) -> None:
    rows = ("Databricks notebook source\none\n", "COMMAND ----------\n", "MAGIC %python", "MAGIC x = 1\n")
    text = "\n".join(f"{mark} {row}" for row in rows)
    assert told(parse(text.encode(), name)) == [("code", language, "one"), ("code", "python", "%python\nx = 1")]


def test_a_databricks_export_tells_languages_by_one_percent_sign() -> None:
    titled = {"application/vnd.databricks.v1+cell": {"title": "Count", "showTitle": True, "nuid": "11-22"}}
    notebook = parse(
        ipynb(
            code("%sql\nselect 1", metadata=titled),
            code("%md\n# Hi"),
            code("%run ./x"),
            metadata={"application/vnd.databricks.v1+notebook": {"language": "python", "widgets": {"day": {}}}},
        ),
        "a.ipynb",
    )
    assert notebook.format is Format.DATABRICKS_IPYNB
    assert told(notebook) == [
        ("code", "sql", "%sql\nselect 1"),
        ("markdown", "python", "# Hi"),
        ("code", "python", "%run ./x"),
    ]
    assert notebook.cells[0].id == "11-22"
    assert notebook.cells[0].metadata["databricks"] == {"title": "Count", "title_shown": True, "magic": True}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.ipynb", b"", "is empty"),
        ("a.ipynb", b"  \n", "is empty"),
        ("a.ipynb", b'{"cells": [', "is not JSON"),
        ("a.ipynb", b"[1]", "but not a notebook"),
        ("a.ipynb", b'{"a": 1}', "has no cells"),
        ("a.ipynb", b"[" * 100_000, "nested too deeply"),
        ("a.ipynb", b'{"cells": [], "x": ' + b"1" * 10_000 + b"}", "is not JSON"),
        ("a.ipynb", b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> b\n]}', "merge conflict"),
        ("a.ipynb", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("a.ipynb", b"<!DOCTYPE html><html></html>", "web page"),
        ("a.ipynb", b'{"cells": ["\xe9"]}', "byte 0xE9 at line 1"),
        ("a.py", b"x = 1\ny = '\xe9'\n", "byte 0xE9 at line 2"),
        ("a.csv", b"a,b\n", "format that is not known"),
    ],
)
def test_what_is_no_notebook_says_where_what_and_what_next(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableNotebook) as refused:
        parse(content, name)
    assert refused.value.path == name
    assert reason in refused.value.reason
    assert refused.value.hint


def test_a_script_may_declare_its_encoding() -> None:
    notebook = parse("# -*- coding: latin-1 -*-\n# %%\nx = 'é'\n".encode("latin-1"), "a.py")
    assert notebook.cells[-1].source == "x = 'é'"


def test_paths_that_are_no_readable_file_are_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.ipynb"
    os.mkfifo(fifo)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s.ipynb"))
    for path in (
        tmp_path,
        tmp_path / "gone.ipynb",
        fifo,
        tmp_path / "s.ipynb",
        tmp_path / "a\0.ipynb",
        tmp_path / ("a" * 500),
    ):
        with pytest.raises(UnreadableNotebook):
            read(path)
    server.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(ipynb())
    path.chmod(0)
    with pytest.raises(UnreadableNotebook, match="may not be read"):
        read(path)


def test_a_file_is_called_by_the_name_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(ipynb(code("x")))
    assert read(path, name="notebooks/a.ipynb").path == "notebooks/a.ipynb"


@pytest.mark.parametrize("program", ["pandoc", "quarto", "marimo"])
def test_no_text_starts_a_program(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = tmp_path / "started"
    for name in ("pandoc", "quarto", "marimo"):
        fake = tmp_path / name
        fake.write_text(f"#!/bin/sh\ntouch {started}\n")
        fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    form = f"      extension: .md\n      format_name: {program}\n"
    header = f"---\njupyter:\n  jupytext:\n    text_representation:\n{form}---\n\nhi\n"
    with pytest.raises(UnreadableNotebook, match=program):
        parse(header.encode(), "a.md")
    parse(b"::: {.cell}\nhi\n:::\n", "a.md")
    parse(b"import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n    return\n", "a.py")
    assert not started.exists()


def test_no_configuration_of_jupytext_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jupytext.toml").write_text("this is no toml [")
    (tmp_path / "a.py").write_text(PERCENT)
    monkeypatch.chdir(tmp_path)
    assert len(read("a.py").cells) == 3


def test_a_header_of_aliases_of_aliases_is_refused() -> None:
    rows = [f"#   {b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    text = "\n".join(["# ---", "# jupyter:", "#   a: &a [x]", *rows, "# ---", "# %%", "x = 1"])
    with pytest.raises(UnreadableNotebook, match="without bounds"):
        parse(text.encode(), "a.py")


BASES = [
    ("a.ipynb", ipynb(code("x = 1", id="a", outputs=[{"output_type": "stream", "text": ["x"]}]), code("%%bash\nls"))),
    ("a.py", (HEADER + PERCENT).encode()),
    ("a.py", b"# Databricks notebook source\n# MAGIC %md\n# MAGIC hi\n\n# COMMAND ----------\n\nx = 1\n"),
    ("a.Rmd", b"---\ntitle: x\n---\n\n```{r}\nx <- 1\n```\n"),
]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 12)), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BASES), EDITS)
def test_a_damaged_file_is_read_or_refused_and_never_crashes(
    base: tuple[str, bytes], edits: list[tuple[float, bytes, int]]
) -> None:
    name, data = base
    for where, inserted, removed in edits:
        at = int(where * len(data))
        data = data[:at] + inserted + data[at + removed :]
    try:
        notebook = parse(data, name)
    except UnreadableNotebook:
        return
    assert [cell.number for cell in notebook.cells] == list(range(1, len(notebook.cells) + 1))
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("cell_type", "source", "metadata", "outputs", "id", "execution_count", "input", "level", "language")
CELLS = st.dictionaries(st.sampled_from(KEYS), JSON | st.sampled_from(["code", "markdown", "heading"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS | JSON, max_size=4), JSON)
def test_cells_of_any_shape_are_read(cells: list[object], metadata: object) -> None:
    notebook = parse(ipynb(*cells, metadata=metadata), "a.ipynb")
    assert len(notebook.cells) == len(cells)
    assert all(cell.kind in CellKind for cell in notebook.cells)
