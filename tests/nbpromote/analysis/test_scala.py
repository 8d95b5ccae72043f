"""Scala cells are told by what they share with others: views, tables, files, and their own variables."""

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.scala import is_readable


def needs(facts: Facts) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.target, edge.name) for edge in facts.flow.edges}


def test_data_flows_through_views_from_python_to_scala_to_sql() -> None:
    facts = analyse(
        notebook_of(
            "df.createOrReplaceTempView('Orders')",
            '%%scala\n/* "old" */ val large = spark.table("orders") // .createTempView("no")\n',
            '%%scala\nlarge.filter("amount > 3").createOrReplaceTempView("large")',
            "%%sql\nselect * from large",
            '%%scala\nval again = spark.sql(s"""select * from large where day = $day""")',
        )
    )
    assert {
        ("c1", "c2", "temp view orders"),
        ("c2", "c3", "Scala variable large"),
        ("c3", "c4", "temp view large"),
        ("c3", "c5", "temp view large"),
    } <= needs(facts)
    assert [cell.opaque for cell in facts.cells] == [()] * 5
    assert not any(access.target in {"old", "no"} for cell in facts.cells for access in cell.accesses)


@pytest.mark.parametrize(
    "source",
    [
        "dbutils.fs.rm(path)", "import sys.process._", 'df.write.parquet(s + "x")', "spark.sql(text)",
        'df.createOrReplaceTempView(name)', "new java.io.File(name)", 'spark.read.format("jdbc").load()',
    ],
)  # fmt: skip
def test_what_goes_past_spark_or_is_computed_keeps_a_cell_opaque(source: str) -> None:
    assert not is_readable(source)
    (cell,) = analyse(notebook_of(f"%%scala\n{source}")).cells
    assert cell.opaque == ("%%scala",)


def test_files_and_tables_that_scala_reads_and_writes_are_told() -> None:
    source = 'spark.read.option("header", "true").csv("a.csv").write.mode("overwrite").saveAsTable("out.t")'
    (cell,) = analyse(notebook_of(f"%%scala\n{source}")).cells
    assert {(one.direction, one.target) for one in cell.accesses} == {("read", "a.csv"), ("write", "out.t")}
