"""What SQL reads and writes, in texts and in cells of its own."""
# ruff: noqa: E501 - a row is a line

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.results import find_results
from nbpromote.analysis.slices import slice_for
from nbpromote.analysis.sql import find_query
from nbpromote.notebook import parse
from nbpromote.notebook.model import Notebook

ROWS = [
    ("select * from a join s.b on a.k = b.k", ["read table a", "read table s.b"]),
    ("with t as (select * from t) select * from t, `my-db`.`u 1`", ["read table my-db.u 1", "read table t"]),
    ("with t as (select * from a), u as (select * from t) select * from u where k in (select k from t)", ["read table a"]),
    ("with recursive t as (select 1 union all select * from t) select * from t", []),
    ("select extract(year from d), 'from x' from a -- from y", ["read table a"]),
    ("select * from a lateral view explode(xs) e as x", ["read table a"]),
    ("select * from range(10)", []),
    ("select * from read_files('/in/*.csv', format => 'csv')", ["read file /in/*.csv"]),
    ("select * from csv.`/in/a.csv`", ["read file /in/a.csv"]),
    ("create temp view v using csv options (path '/in/a.csv')", ["read file /in/a.csv", "write temp view v overwrite"]),
    ("create or replace temporary view v as with q as (select * from a) select * from q", ["read table a", "write temp view v overwrite"]),
    ("create view v as select * from a", ["read table a", "write table v errorifexists"]),
    ("create table if not exists s.t (a int)", ["write table s.t ignore"]),
    ("create or replace table t using delta as select * from a", ["read table a", "write table t overwrite"]),
    ("cache table t as select * from a", ["read table a", "write temp view t overwrite"]),
    ("insert into t (x, y) select x, y from a", ["read table a", "write table t append"]),
    ("insert overwrite t partition (d = '1') select * from a", ["read table a", "write table t overwrite"]),
    ("insert overwrite directory '/out' using parquet select * from a", ["read table a", "write file /out overwrite"]),
    ("merge into t using (select * from a) s on t.k = s.k when matched then update set * when not matched then insert *",
     ["read table a", "write table t merge"]),
    ("update t set a = 1 where k in (select k from b)", ["read table b", "write table t update"]),
    ("delete from t where a = 1", ["write table t delete"]),
    ("copy into t from '/in' fileformat = parquet", ["read file /in", "write table t append"]),
    ("drop table if exists t; drop view v", ["write table t drop", "write table v drop"]),
    ("optimize t; vacuum t; use db; set x = 1", []),
    ("select * from {db}.sales_${year}, {{ other }}", ["read table {db}.sales_${year} ?", "read table {{ other }} ?"]),
    ("grant select on table t to `a`; comment on table t is 'x'", []),
    ("create or refresh live table t as select * from stream(live.a) where", ["write table t overwrite"]),
    ("select nonsense from from a where ((", ["read table from"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_the_tables_of_an_sql_text_are_found(text: str, expected: list[str]) -> None:
    told = [
        " ".join(filter(None, [use.direction, use.kind, use.text, use.mode, "?" if use.name is None else ""]))
        for use in find_query(text).uses
    ]
    assert sorted(told) == expected


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["select", "*", "from", "(", ")", "with", "a", "as", "create", "table", "'", ";", "{x}", "é", "`", ",", "into", "insert", "--"]),
        max_size=25,
    )
)  # fmt: skip
def test_no_text_is_too_broken_to_be_read(words: list[str]) -> None:
    find_query(" ".join(words))


def test_deep_nesting_and_great_length_are_read_by_patterns() -> None:
    for text in (f"select * from {'(select * from ' * 500}a{')' * 500}", f"select {'1, ' * 50_000} 1 from a"):
        assert [use.name for use in find_query(text).uses] == ["a"]


def databricks(*cells: str) -> Notebook:
    lines = ["# Databricks notebook source"]
    for cell in cells:
        is_sql = cell.startswith("%")
        lines += [*(f"# MAGIC {row}" if is_sql else row for row in cell.splitlines()), "", "# COMMAND ----------", ""]
    return parse("\n".join(lines).encode(), "work.py")


def test_views_lead_from_python_to_sql_cells_and_back() -> None:
    notebook = databricks(
        "df = spark.read.parquet('in')\ndf.createOrReplaceTempView('raw')",
        "%sql\ncreate or replace temp view other as select 1",
        "%sql\ncreate or replace temp view clean as select * from raw where a > 1",
        "out = spark.table('clean')",
        "out.write.parquet('o')",
    )
    facts = analyse(notebook)
    ids = [cell.cell_id for cell in facts.cells]
    edges = {(ids.index(edge.source), ids.index(edge.target), edge.name) for edge in facts.flow.edges}
    assert {(0, 2, "temp view raw"), (2, 3, "temp view clean")} <= edges
    assert slice_for(facts, [ids[4]]).cells == (ids[0], ids[2], ids[3], ids[4])
    assert facts.cells[2].opaque == ()


def test_what_a_query_of_unknown_text_reads_may_be_any_view() -> None:
    facts = analyse(notebook_of("df.createOrReplaceTempView('v')", "spark.sql(build()).show()"))
    assert ("c1", "c2", "temp view v") in {(edge.source, edge.target, edge.name) for edge in facts.flow.edges}


def test_a_query_concludes_the_work_when_nothing_else_does() -> None:
    notebook = databricks("%sql\nselect count(*) from a", "%sql\ndrop table b")
    assert [result.kind for result in find_results(analyse(notebook))] == ["table"]
    with_plot = databricks("%sql\nselect * from a", "df = spark.table('a').toPandas()\ndf.plot()")
    assert [result.kind for result in find_results(analyse(with_plot))] == ["plot"]


def test_the_rows_of_a_databricks_query_go_on_as_a_frame() -> None:
    facts = analyse(databricks("%sql\nselect * from a", "_sqldf.write.parquet('o')"))
    assert facts.flow.hidden == ()
    assert facts.cells[1].accesses[0].call == "pyspark.DataFrameWriter.parquet"


def test_queries_do_not_need_the_rows_of_those_before_them() -> None:
    assert analyse(databricks("%sql\nselect * from a", "%sql\nselect * from b")).flow.edges == ()


def test_the_query_of_a_cell_magic_is_read_too() -> None:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
             for source in ("%%sql\nselect * from a", "%%sql sqlite://\ninsert into b select * from c", "n = 1")]  # fmt: skip
    data = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    facts = analyse(parse(json.dumps(data).encode(), "work.ipynb"))
    assert [[access.target for access in cell.accesses] for cell in facts.cells] == [["a"], ["c", "b"], []]


def test_duckdb_reads_the_frames_of_the_notebook() -> None:
    facts = analyse(
        notebook_of("import duckdb\ndf = load()", "df['x'] = 1", "duckdb.sql('select sum(x) from df').df()")
    )
    assert "df" in facts.cells[2].reads
    assert slice_for(facts, ["c3"]).cells == ("c1", "c2", "c3")
