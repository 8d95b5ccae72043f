"""What is rendered is what was read."""

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpromote.notebook import Cell, CellKind, Format, Notebook, Output, parse
from nbpromote.notebook.formats import databricks_source, ipynb, percent

# fmt: off
LINES = st.sampled_from([
    "x = 1", "", "# a comment", "%matplotlib inline", "!ls", "if x:", "    y = 2", "s = '''", "'''", "%%bash",
    "é = 'ü'", "# # x", '"""', "- item", "```python", "```", "# %matplotlib", "\\frac{1}{2}", "%sql select 1",
])
DATABRICKS_LINES = st.sampled_from([
    "x = 1", "", "# MAGIC %md", "# MAGIC # Title", "# MAGIC", "# MAGIC ", "# MAGIC %sql", "# COMMAND ----------", "\t",
    "# COMMAND ---------- ", "# DBTITLE 1,Load", "# DBTITLE 0,Hidden", "# DBTITLE", "%pip install x", '"""',
    "# MAGIC %md-sandbox hi",
])
# fmt: on
SOURCES = st.lists(LINES, max_size=6).map("\n".join)
TAGS = st.lists(st.sampled_from(["parameters", "scratch", "keep-output", "a b"]), unique=True, max_size=2).map(tuple)


@st.composite
def notebooks(draw: st.DrawFn) -> Notebook:
    cells = tuple(
        Cell(f"cell-{number}", number, draw(st.sampled_from(CellKind)), draw(SOURCES), tags=draw(TAGS))
        for number in range(1, draw(st.integers(1, 5)) + 1)
    )
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return Notebook("a.ipynb", Format.IPYNB, "python", cells, metadata)


@settings(max_examples=150, deadline=None)
@given(notebooks())
def test_percent_text_is_the_notebook_or_is_refused(notebook: Notebook) -> None:
    try:
        text = percent.render(notebook)
    except percent.CannotRender:
        return
    again = parse(text.encode(), "a.py")
    assert [percent.told(cell) for cell in again.cells] == [percent.told(cell) for cell in notebook.cells]
    assert again.metadata == notebook.metadata
    assert percent.render(again) == text


def test_percent_text_holds_tags_metadata_and_magics_and_no_version() -> None:
    cells = (
        Cell("a", 1, CellKind.MARKDOWN, "# Title\n\n```python\nnever closed"),
        Cell("b", 2, CellKind.CODE, "x = 1", tags=("parameters",), metadata={"nbpromote": {"from": ["a", 1]}}),
        Cell("c", 3, CellKind.CODE, "%matplotlib inline\n!ls\ny = x", outputs=(Output("stream", text="out"),)),
        Cell("d", 4, CellKind.CODE, "%%bash\nls"),
        Cell("e", 5, CellKind.RAW, "raw text"),
    )
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "nbpromote": {"a": [1]},
    }
    notebook = Notebook("a.ipynb", Format.IPYNB, "python", cells, metadata)
    text = percent.render(notebook)
    assert "jupytext_version:" not in text
    assert '# %% tags=["parameters"]' in text
    again = parse(text.encode(), "a.py")
    assert [percent.told(cell) for cell in again.cells] == [percent.told(cell) for cell in cells]
    assert again.cells[1].metadata == cells[1].metadata
    assert again.metadata == metadata


def test_a_cell_that_text_cannot_hold_is_named() -> None:
    notebook = Notebook("a.ipynb", Format.IPYNB, "python", (Cell("a", 1, CellKind.CODE, "x = 1\n# %%\ny = 2"),))
    with pytest.raises(percent.CannotRender, match=r"a\.ipynb cell 1: .*cell markers"):
        percent.render(notebook)


@settings(max_examples=100, deadline=None)
@given(notebooks())
def test_a_rendered_ipynb_is_valid_and_reads_as_the_same_notebook(notebook: Notebook) -> None:
    rendered = ipynb.render(notebook)
    nbformat.validate(nbformat.from_dict(json.loads(rendered)))
    assert parse(rendered, "a.ipynb") == notebook


def test_a_rendered_ipynb_keeps_outputs_counts_and_languages() -> None:
    outputs = (
        Output("stream", "stderr", "a\nb"),
        Output("execute_result", data={"text/plain": "5\n6", "image/png": "AAAA", "application/json": '{"a": 1}'}),
        Output("error", "'x'", "one\ntwo", error="KeyError"),
    )
    cells = (
        Cell("a", 1, CellKind.CODE, "x", execution_count=3, outputs=outputs),
        Cell("b", 2, CellKind.CODE, "select 1", language="sql", metadata={"vscode": {"languageId": "sql"}}),
    )
    notebook = Notebook("a.ipynb", Format.IPYNB, "r", cells, {"language_info": {"name": "R"}})
    read = parse(ipynb.render(notebook), "a.ipynb")
    assert read.cells[1] == cells[1]
    assert read.cells[0].outputs == outputs
    assert read.language == "r"


def test_a_databricks_export_is_rendered_as_it_was() -> None:
    cell = {"application/vnd.databricks.v1+cell": {"title": "Hi", "showTitle": True}}
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "source": ["%md\n", "# Hi"],
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            },
            {
                "cell_type": "code",
                "id": "b",
                "source": ["%sql\n", "x"],
                "metadata": cell,
                "outputs": [],
                "execution_count": None,
            },
        ],
        "metadata": {
            "application/vnd.databricks.v1+notebook": {"language": "python"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    assert json.loads(ipynb.render(parse(json.dumps(document).encode(), "a.ipynb"))) == document


@settings(max_examples=400, deadline=None)
@given(st.lists(DATABRICKS_LINES, max_size=14), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_databricks_source_is_given_back_character_by_character(rows: list[str], newline: str, has_end: bool) -> None:
    text = newline.join(["# Databricks notebook source", *rows]) + (newline if has_end else "")
    notebook = parse(text.encode(), "a.py")
    assert databricks_source.render(notebook) == text
