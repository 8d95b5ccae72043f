"""A notebook in another form is the same notebook, and a file is not overwritten."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpromote.cli import main
from nbpromote.notebook import Cell, parse
from nbpromote.notebook.conversion import Form, convert
from nbpromote.notebook.formats import json_style
from nbpromote.notebook.formats.databricks_source import CannotBeSource

EVERYTHING = """# Databricks notebook source
# MAGIC %md
# MAGIC # Sales

# COMMAND ----------

# DBTITLE 1,Load it
# MAGIC %sql
# MAGIC select 1
# MAGIC
# MAGIC -- more

# COMMAND ----------

# DBTITLE 0,Hidden: {x} [y]
dbutils.widgets.dropdown("day", "mon", ["mon", "tue"])
x = 1

# COMMAND ----------

# MAGIC %run ./other $day="1"

# COMMAND ----------

# MAGIC %pip install x

# COMMAND ----------

# MAGIC %sh -e
# MAGIC ls -l

# COMMAND ----------

# MAGIC %fs ls /mnt

# COMMAND ----------

# MAGIC %r
# MAGIC x <- 1

# COMMAND ----------

# MAGIC %scala
# MAGIC val x = 1

# COMMAND ----------

# MAGIC %sql select 2

# COMMAND ----------

# MAGIC %md-sandbox <b>x</b>

# COMMAND ----------

# MAGIC %python
# MAGIC y = 2

# COMMAND ----------

# MAGIC %py
# MAGIC y = 3

# COMMAND ----------

# DBTITLE 1,Write a module
# MAGIC %%writefile chain.py
# MAGIC z = 3
# MAGIC # COMMAND ----------
"""


@pytest.mark.parametrize("form", [Form.PERCENT, Form.IPYNB, Form.DATABRICKS_IPYNB])
def test_every_construct_of_databricks_comes_back_byte_for_byte(form: Form) -> None:
    there = convert(EVERYTHING.encode(), "a.py", form)
    back = convert(there.content, f"b{there.suffix}", Form.DATABRICKS)
    assert back.content.decode() == EVERYTHING
    assert back.notes == ()


def test_each_construct_becomes_what_the_documentation_says() -> None:
    text = convert(EVERYTHING.encode(), "a.py", Form.PERCENT).content.decode()
    for said in (
        '# %% Load it language="sql"\n# select 1\n#\n# -- more\n',
        '# %% databricks={"title": "Hidden: {x} [y]", "title_shown": false}\ndbutils.widgets.dropdown(',
        '# %% \n# %run ./other $day="1"'.replace("%% ", "%%"),
        "# %%\n# %pip install x",
        '# %% magic_args="-e" language="sh"\n# ls -l',
        "# %%\n# %fs ls /mnt",
        '# %% language="R"\n# x <- 1',
        '# %% language="scala"\n# val x = 1',
        '# %% databricks={"first": "%python\\n"}\ny = 2',
    ):
        assert said in text


@pytest.mark.parametrize(
    ("name", "mark", "language"), [("a.sql", "--", "sql"), ("a.scala", "//", "scala"), ("a.r", "#", "r")]
)
def test_a_notebook_in_another_main_language_keeps_it(name: str, mark: str, language: str) -> None:
    rows = ("Databricks notebook source\none\n", "COMMAND ----------\n", "MAGIC %python", "MAGIC x = 1\n",
            "COMMAND ----------\n", "MAGIC %run ./other")  # fmt: skip
    text = "\n".join(f"{mark} {row}" for row in rows) + "\n"
    there = convert(text.encode(), name, Form.PERCENT)
    assert "\nx = 1\n" in there.content.decode()
    back = convert(there.content, "b.py", Form.DATABRICKS)
    assert (back.suffix, back.content.decode()) == (f".{language}", text)


LINES = st.sampled_from(
    ["x = 1", "", "# a", "%sql", "%sql select 1", "%sh -e", "%python", "%%time", "%run ./x", "%%sql", "%r ", "é", "%%R"]
)
TITLES = st.sampled_from(["", "DBTITLE 1,Load it", "DBTITLE 0,Hidden", "DBTITLE 1,a {b} [c]", "DBTITLE 1,x=1"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TITLES, st.booleans(), st.lists(LINES, min_size=1, max_size=4)), min_size=1, max_size=4))
def test_cells_of_databricks_source_come_back_from_an_ipynb(cells: list[tuple[str, bool, list[str]]]) -> None:
    texts = [
        "\n".join([*([f"# {title}"] if title else []), *(f"# MAGIC {line}" if is_magic else line for line in lines)])
        for title, is_magic, lines in cells
    ]
    text = "# Databricks notebook source\n" + "\n\n# COMMAND ----------\n\n".join(texts) + "\n"
    for form in (Form.IPYNB, Form.DATABRICKS_IPYNB):
        there = convert(text.encode(), "a.py", form)
        back = parse(convert(there.content, "a.ipynb", Form.DATABRICKS).content, "a.py")
        assert [told(cell) for cell in back.cells] == [told(cell) for cell in parse(text.encode(), "a.py").cells]


def told(cell: Cell) -> tuple[object, ...]:
    known = cell.metadata["databricks"]
    assert hasattr(known, "get")
    return (cell.kind, cell.language, cell.source.strip(), known.get("title"), known.get("title_shown"))


def exported() -> dict[str, object]:
    table = {"application/vnd.databricks.v1+output": {"data": [["SECRET-ROW"]], "type": "table"}}
    output = {"output_type": "display_data", "data": {"text/html": ["<td>SECRET-ROW</td>"]}, "metadata": table}
    about = {"cellMetadata": {}, "inputWidgets": {"day": "SECRET-INPUT"}, "nuid": "11-22", "showTitle": True}
    cell = {
        "cell_type": "code", "execution_count": 3, "metadata": {"application/vnd.databricks.v1+cell": about},
        "outputs": [output], "source": ["select 1 < 2"],
    }  # fmt: skip
    widget = {"currentValue": "SECRET-CHOICE", "nuid": "5", "widgetInfo": {"name": "day", "widgetType": "text"}}
    notebook = {"language": "sql", "widgets": {"day": widget}, "pi": 3.0}
    metadata = {"application/vnd.databricks.v1+notebook": notebook, "language_info": {"name": "sql"}}
    return {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 0}


@pytest.mark.parametrize("form", list(Form))
def test_no_row_and_no_chosen_value_of_an_export_is_left(form: Form) -> None:
    made = convert(json.dumps(exported()).encode(), "a.ipynb", form)
    assert b"SECRET" not in made.content
    assert b"select 1 <" in made.content


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(exported()),
        json.dumps(exported(), indent=1) + "\n",
        json.dumps(exported(), indent="\t", separators=(",", ":")),
        json.dumps(exported(), indent=4).replace("\n", "\r\n").replace("<", "\\u003c").replace("3.0", "3.0E-4"),
        json.dumps(exported(), separators=(",", ":")).replace('"outputs"', '"x":1,"x":"\\u001B","outputs"'),
    ],
)
def test_an_ipynb_keeps_the_bytes_that_are_not_stripped(text: str) -> None:
    document, style, is_exact = json_style.load(text)
    assert is_exact
    assert json_style.dump(document, style) == text
    whole = convert(text.encode(), "a.ipynb", Form.DATABRICKS_IPYNB, with_outputs=True)
    assert whole.content.decode() == text
    once = convert(text.encode(), "a.ipynb", Form.DATABRICKS_IPYNB).content
    assert convert(once, "a.ipynb", Form.DATABRICKS_IPYNB).content == once


def test_what_has_no_place_in_databricks_is_told_or_refused() -> None:
    cells = '# %% tags=["parameters"]\nx = 1\n\n# %% magic_args="-i df" language="R"\n# x\n'
    made = convert(cells.encode(), "a.py", Form.DATABRICKS)
    assert [(note.cell, note.text) for note in made.notes] == [
        (1, "the tag parameters has no place"), (2, "%%R -i df has no counterpart and stays as it is"),
    ]  # fmt: skip
    with pytest.raises(CannotBeSource, match=r"a\.py cell 1: would be read as other cells"):
        convert(b'# %%\ns = """\n# COMMAND ----------\n"""\n', "a.py", Form.DATABRICKS)


def test_convert_writes_beside_the_notebook_and_over_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.py"
    source.write_text(EVERYTHING)
    assert main(["convert", str(source), "--to", "percent"]) == 1
    assert source.read_text() == EVERYTHING
    assert "is there already" in capsys.readouterr().err
    assert main(["convert", str(source), "--to", "ipynb"]) == 0
    assert (tmp_path / "a.ipynb").exists()
    assert main(["convert", str(tmp_path / "a.ipynb"), "--to", "databricks", "-o", "-"]) == 0
    assert EVERYTHING in capsys.readouterr().out
