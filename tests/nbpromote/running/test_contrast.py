"""Two runs side by side: what differs is told, noise is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import nbformat.v4 as v4

from commonlib.receipts import Receipt
from nbpromote.publish.openlineage import events
from nbpromote.running.contrast import changed_cells, changed_data, changes
from nbpromote.running.executed import Failure
from nbpromote.running.record import Code, Environment, Record
from nbpromote.running.reference import Masking

READ = Receipt("read", dataset="validated/p", version=3, rows=5)
WROTE = Receipt("write", dataset="derived/v", version=7, rows=2, columns=("a", "b"))
RECORD = Record(
    "20260101-000000-value-aaaa",
    "notebooks/production/value.py",
    "done",
    "2026-01-01T00:00:00+00:00",
    10.0,
    {"least": 1.0, "name": "x"},
    receipts=(READ, WROTE),
    code=Code("c1", "main", (), "n1", "l1"),
    environment=Environment({"pyspark": "4.3.0"}, "e1", host="a"),
    digests={"derived/v@7": "d1"},
)
MASKING = Masking(datetime(2026, 1, 1, tzinfo=UTC), {"/here": "<root>"})


def told(before: Record, after: Record) -> list[str]:
    return [f"{one.kind} {one.name}: {one.before} -> {one.after}" for one in changes(before, after)]


def test_what_differs_between_two_records_is_told_causes_first() -> None:
    assert told(RECORD, replace(RECORD, run_id="other", duration=10.5)) == []
    after = replace(
        RECORD,
        status="failed",
        duration=30.0,
        parameters={"least": 2.0, "more": None},
        receipts=(replace(READ, version=4),),
        code=replace(RECORD.code, commonlib="l2", dirty=("a.py",)),
        failure=Failure("c", 3, "ValueError", "no"),
    )
    assert told(RECORD, after) == [
        "parameter least: 1.0 -> 2.0",
        "parameter name: x -> nothing",
        "code commonlib: l1 -> l2",
        "code uncommitted: nothing -> a.py",
        "read validated/p: version 3, 5 rows -> version 4, 5 rows",
        "wrote derived/v: version 7, 2 rows, sha256 d1 -> nothing",
        "result status: done -> failed",
        "result failure: nothing -> cell 3: ValueError: no",
        "took seconds: 10.0 -> 30.0",
    ]


def test_another_version_of_the_very_same_files_is_no_difference() -> None:
    again = replace(RECORD, receipts=(READ, replace(WROTE, version=9)), digests={"derived/v@9": "d1"})
    assert told(RECORD, again) == []
    assert told(RECORD, replace(again, digests={"derived/v@9": "d2"})) == [
        "wrote derived/v: version 7, 2 rows, sha256 d1 -> version 9, 2 rows, sha256 d2"
    ]


def notebook(*cells: tuple[str, str]) -> Any:
    return v4.new_notebook(
        cells=[
            v4.new_code_cell(source, id=f"c{number}", outputs=[v4.new_output("stream", name="stdout", text=text)])
            for number, (source, text) in enumerate(cells)
        ]
    )


def test_cells_that_show_something_else_are_told_with_the_first_line_that_differs() -> None:
    before = notebook(("a", "at 2026-01-01 10:00:00 in /here\n"), ("b", "1\nmean 0.30000000000000004\n"), ("c", "x\n"))
    after = notebook(
        ("a", "at 2026-01-01 11:11:11 in /here\n"), ("b", "1\nmean 0.30000000000000001\n"), ("c", "x\ny\n")
    )
    (only,) = changed_cells(before, after, (MASKING, MASKING))
    assert (only.kind, only.name, only.before, only.after) == ("shown", "code cell 3", "nothing", "y")
    (code,) = changed_cells(before, notebook(("a", ""), ("b2", ""), ("c", "x\n")), (MASKING, MASKING))[1:2]
    assert (code.name, code.before, code.after) == ("code cell 2", "b", "b2")


def test_data_that_differs_is_told_by_column() -> None:
    column: Mapping[str, Any] = {"type": "double", "nulls": 0, "sum": 1.0}
    before = {"rows": 2, "columns": {"a": column, "b": column}}
    noise = {"rows": 2, "columns": {"a": {**column, "sum": 1.0 + 1e-13}, "b": column}}
    assert changed_data("derived/v", before, noise) == ()
    (only,) = changed_data("derived/v", before, {"rows": 2, "columns": {"a": {**column, "nulls": 1}, "b": column}})
    assert only.name == "derived/v column a"
    assert (only.before, only.after) == ("nulls 0", "nulls 1")
    (gone,) = changed_data("derived/v", before, None)
    assert gone.after == "is not there"


def test_a_run_is_told_in_the_words_of_openlineage() -> None:
    start, end = events(RECORD, namespace="shop")
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert end["eventTime"] == "2026-01-01T00:00:10.000+00:00"
    assert [(one["namespace"], one["name"]) for one in end["inputs"]] == [("shop", "validated/p")]
    (output,) = end["outputs"]
    assert output["facets"]["version"]["datasetVersion"] == "7"
    assert [field["name"] for field in output["facets"]["schema"]["fields"]] == ["a", "b"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 2
    failed = replace(RECORD, status="failed", failure=Failure("c", 3, "ValueError", "no"))
    assert events(failed, namespace="shop")[1]["eventType"] == "FAIL"
    assert len(events(replace(RECORD, status="running", duration=None), namespace="shop")) == 1
