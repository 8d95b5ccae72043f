import gzip
import io
import math
import zipfile
from dataclasses import replace
from datetime import date

import pyarrow
import pyarrow.parquet
import pytest

from commonlib.receipts import MIME
from nbpromote.proof import files, folders, outputs, tables, words
from nbpromote.proof.comparison import Subjects, compare, repeated, saved
from nbpromote.proof.evidence import Evidence, Value, Written
from nbpromote.proof.outputs import Shown
from nbpromote.proof.terms import OTHER_ORDER, Terms
from nbpromote.proof.verdict import Outcome, Weight

LEFT = pyarrow.table({"id": ["a", "b", "c"], "n": [1, 2, 3], "x": [0.1, 0.2, math.nan]})


def different(right: pyarrow.Table, *, is_ordered: bool = False) -> str | None:
    return tables.difference(LEFT, right, is_ordered=is_ordered, tolerance=1e-9)


def test_a_table_is_the_same_as_itself() -> None:
    assert different(LEFT) is None
    assert different(LEFT, is_ordered=True) is None


def test_rows_in_another_order_differ_only_where_order_means_something() -> None:
    shuffled = LEFT.take([2, 0, 1])
    assert different(shuffled) is None
    assert different(shuffled, is_ordered=True) is not None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (LEFT.set_column(1, "n", [[1, 2, 4]]), "column n differs in 1 row"),
        (LEFT.set_column(2, "x", [[0.1, 0.2000001, math.nan]]), "column x is 0.2000001 where it was 0.2"),
        (LEFT.set_column(2, "x", [[0.1, math.nan, math.nan]]), "column x"),
        (LEFT.set_column(1, "n", [["1", "2", "3"]]), "column n is string and was int64"),
        (LEFT.slice(0, 2), "2 rows instead of 3"),
        (LEFT.drop_columns(["x"]), "columns x are missing"),
        (LEFT.rename_columns(["id", "m", "x"]), "columns n are missing; columns m are new"),
        (pyarrow.concat_tables([LEFT.slice(0, 2), LEFT.slice(0, 1)]), "differs"),
    ],
)
def test_a_difference_is_found_and_told(changed: pyarrow.Table, told: str) -> None:
    assert told in (different(changed) or "")


def test_floats_within_the_tolerance_are_the_same() -> None:
    assert different(LEFT.set_column(2, "x", [[0.1 * (1 + 1e-12), 0.2, math.nan]])) is None


def test_an_integer_that_is_off_by_one_is_no_rounding() -> None:
    big = pyarrow.table({"n": [10**15]})
    assert tables.difference(big, pyarrow.table({"n": [10**15 + 1]}), is_ordered=False, tolerance=1e-9)


def test_noise_in_what_is_shown_is_no_difference() -> None:
    was = [{"stdout": "<object at 0x7f3a2b1c4d5e> took 1.2 s\n"}]
    now = [{"stdout": "<object at 0x7f0000000000> took 3.4 s\n"}]
    assert outputs.difference(was, now, Terms()) is None


TODAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("made 2026-05-04 10:00:00", "made 2026-05-04 10:00:07", True),
        ("bought 1997-01-01 10:00:00", "bought 1997-01-02 10:00:00", False),
        ("a lag of 5 s", "a lag of 6 s", False),
        ("Wall time: 5 s\nCPU times: user 3 ms\n1.5", "1.5", True),
        ('<style>#T_0a1b2 {}</style><table id="T_0a1b2">', '<style>#T_ffff2 {}</style><table id="T_ffff2">', True),
        ('<div id="0f8fad5b-d9cb-469f-a165-70867728950e">', '<div id="7c9e6679-7425-40de-944b-e07fc1f90ae7">', True),
        ("x#12, y#13L", "x#45, y#46L", True),
        ("12 customers", "13 customers", False),
    ],
)
def test_clocks_and_random_ids_are_noise_and_data_is_not(was: str, now: str, same: bool) -> None:
    found = outputs.difference([{"text/html": was}], [{"text/html": now}], Terms(today=TODAY))
    assert (found is None) is same


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return file.getvalue()


PAGE = b'<div id="%s"></div><script>plot("%s", [1.5]); resize("%s")</script>'


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [
        ({"a.csv": b"x\n0.1\n"}, {"b.csv": b"x\n0.10000000000000002\n"}, Outcome.SAME),
        ({"a.csv": b"t\n2026-05-04 10:00:00\n"}, {"a.csv": b"t\n2026-05-04 10:00:07\n"}, Outcome.DIFFERS),
        ({"a.csv": b"0.1", "b.csv": b"1"}, {"a.csv": b"0.10000000000000002", "b.csv": b"2"}, Outcome.DIFFERS),
        ({"a.csv": b"1", "b.csv": b"1"}, {"a.csv": b"1", "c.csv": b"1"}, Outcome.DIFFERS),
        ({"a.csv": b"1", "b.csv": b"1"}, {"a.csv": b"1"}, Outcome.NOT_COMPARABLE),
        ({"a.pkl": b"1"}, {"a.pkl": b"2"}, Outcome.NOT_COMPARABLE),
        (
            {"a.xlsx": zipped(sheet="1", docProps__core="10:00")},
            {"a.xlsx": zipped(sheet="1", docProps__core="10:07")},
            Outcome.SAME,
        ),
        ({"a.xlsx": zipped(sheet="1")}, {"a.xlsx": zipped(sheet="2")}, Outcome.NOT_COMPARABLE),
        ({"a.html": PAGE % ((b"ab" * 16,) * 3)}, {"a.html": PAGE % ((b"cd" * 16,) * 3)}, Outcome.SAME),
        (
            {"a.html": PAGE % ((b"ab" * 16,) * 3)},
            {"a.html": PAGE % (b"cd" * 16, b"cd" * 16, b"ef" * 16)},
            Outcome.DIFFERS,
        ),
        ({"a.html": b"<p>" + b"ab" * 16}, {"a.html": b"<p>" + b"cd" * 16}, Outcome.DIFFERS),
        ({"a.csv.gz": gzip.compress(b"1", mtime=1)}, {"a.csv.gz": gzip.compress(b"1", mtime=2)}, Outcome.SAME),
        ({"a.png": b"1"}, {"a.png": b"2"}, Outcome.DIFFERS),
    ],
)
def test_files_are_the_same_when_only_noise_differs(
    was: dict[str, bytes], now: dict[str, bytes], outcome: Outcome
) -> None:
    assert files.compare(was, now, Terms())[0] is outcome


def test_another_number_in_what_is_shown_is_told() -> None:
    told = outputs.difference([{"text/plain": "total 10.5"}], [{"text/plain": "total 11.5"}], Terms())
    assert told == "shows 'total 11.5' where it showed 'total 10.5' (furthest apart: 0.087)"


def test_receipts_and_stderr_are_not_shown() -> None:
    receipt = {"output_type": "display_data", "data": {"application/vnd.commonlib.receipt+json": {}, "text/plain": "r"}}
    noise = {"output_type": "stream", "name": "stderr", "text": "WARN"}
    assert outputs.shown([receipt, noise]) == ()


def test_what_a_run_exits_with_is_compared() -> None:
    left, right = (
        outputs.shown([{"output_type": "display_data", "data": {MIME: {"kind": "exit", "details": {"value": value}}}}])
        for value in ("40 rows", "41 rows")
    )
    assert outputs.difference(left, left, Terms()) is None
    assert outputs.difference(left, right, Terms()) is not None


def evidence(n: int, *, step: str = "1", shown: str = "a", kind: str = "text/plain") -> Evidence:
    written = Written("", pyarrow.table({"n": [n]}))
    return Evidence(
        values={("one", "k"): Value("scalar", "int", step)},
        shown={"two": ({kind: shown},)},
        written={"/tmp/x": written, "derived/x": written},
        calls={},
    )


SUBJECTS = Subjects({"/tmp/x": "derived/x"}, ["two"], [], {"one": "cell 1", "two": "cell 2"})


def verdict(adhoc: Evidence, promoted: Evidence) -> tuple[Outcome, str | None]:
    found = compare(adhoc, promoted, SUBJECTS, Terms())
    first = found.first_divergence
    return found.outcome, first.subject if first else None


def test_the_same_results_are_the_same() -> None:
    assert verdict(evidence(1), evidence(1)) == (Outcome.SAME, None)


def test_written_data_that_differs_decides_the_verdict() -> None:
    assert verdict(evidence(1), evidence(2)) == (Outcome.DIFFERS, "derived/x")


def test_what_a_result_shows_decides_the_verdict() -> None:
    assert verdict(evidence(1), evidence(1, shown="b"))[0] is Outcome.DIFFERS


def test_a_step_that_differs_says_where_the_two_part_but_does_not_decide() -> None:
    assert verdict(evidence(1), evidence(1, step="2")) == (Outcome.SAME, "k after cell 1")
    assert verdict(evidence(1), evidence(2, step="2")) == (Outcome.DIFFERS, "k after cell 1")


def test_data_that_one_of_them_did_not_write_is_a_difference() -> None:
    without = Evidence(evidence(1).values, evidence(1).shown, {}, {})
    assert verdict(evidence(1), without)[0] is Outcome.DIFFERS


def test_nothing_to_compare_is_not_called_the_same() -> None:
    empty = Evidence({}, {}, {}, {})
    found = compare(empty, empty, Subjects({}, [], [], {}), Terms())
    assert found.outcome is Outcome.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("was", "now", "is_same"),
    [
        ("[('a', (1, 4)), ('b', (2, None))]", "[('b', (2, None)), ('a', (1, 4))]", True),
        ("[Row(n=1, w='x, y'), Row(n=2, w='(')]", "[Row(n=2, w='('),\n Row(n=1, w='x, y')]", True),
        ("[('a', (1, 4)), ('b', (2, 5))]", "[('b', (2, 4)), ('a', (1, 5))]", False),
        ("[1, 1, 2]", "[1, 2, 2]", False),
        ("[1, 2][0]", "[2, 1][0]", False),
    ],
)
def test_a_list_in_another_order_is_no_difference_on_other_settings(was: str, now: str, *, is_same: bool) -> None:
    assert outputs.is_same_bag(was, now) is is_same
    shown = [({"text/plain": one},) for one in (was, now)]
    assert outputs.difference(shown[0], shown[1], Terms()) not in {None, OTHER_ORDER}, "between the two, order counts"


EMPTY = pyarrow.table({"n": pyarrow.array([], pyarrow.int64())})


@pytest.mark.parametrize(
    ("found", "is_evidence"),
    [
        (Value("container", "list"), False),
        (Value("container", "list", items=(("0", Value("scalar", "int", "1")),)), True),
        (Value("object", "Settings"), False),
        (Value("frame", "pandas DataFrame", table=EMPTY, columns=("n",), dtypes=("int64",)), False),
        (Value("scalar", "int", "0"), True),
        (Written("/tmp/x", EMPTY), False),
        (Written("/tmp/x", LEFT), True),
        (Written("/tmp/x", files={"a.txt": b""}), False),
        ({"text/plain": "<Figure size 640x480 with 0 Axes>"}, False),
        ({"text/plain": "[<__main__.A at 0x7f1c2d3e4f50>]"}, False),
        ({"stdout": "\n"}, False),
        ({"text/plain": "[]"}, False),
        ({}, False),
        ({"text/plain": "<A at 0x7f1c2d3e4f50>", "text/html": "<svg/>"}, True),
        ({"stdout": "None\n"}, True),
    ],
)
def test_two_times_nothing_is_not_called_the_same(found: Value | Written | Shown, *, is_evidence: bool) -> None:
    values = {("two", "k"): found} if isinstance(found, Value) else {}
    written = {"/tmp/x": found, "derived/x": found} if isinstance(found, Written) else {}
    shown = {} if isinstance(found, Value | Written) else {"two": (found,)}
    # What it is given is no evidence either.
    one = Evidence({("one", "path"): Value("scalar", "str", "a.csv"), **values}, shown, written, {})
    names = {"one": "cell 1", "two": "cell 2"}
    about = Subjects({"/tmp/x": "derived/x"} if written else {}, ["two"], ["k"] if values else [], names, ["path"])
    found_out = compare(one, one, about, Terms())
    assert found_out.outcome is (Outcome.SAME if is_evidence else Outcome.NOT_COMPARABLE)
    assert is_evidence or "nothing was compared" in words.reason(found_out)


def test_values_on_the_way_decide_when_there_is_nothing_else() -> None:
    one = Evidence({("one", "k"): Value("scalar", "int", "1")}, {}, {}, {})
    found = compare(one, one, Subjects({}, [], [], {"one": "cell 1"}), Terms())
    assert found.outcome is Outcome.SAME
    assert found.comparisons[0].weight is Weight.RESULT


def result_of(table: pyarrow.Table | None) -> Evidence:
    return Evidence({("one", "frame"): Value("lazy frame", "pyspark DataFrame", "{}", table)}, {}, {}, {})


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [
        (LEFT, LEFT.take([1, 2, 0]), Outcome.SAME),
        (LEFT, LEFT.slice(1), Outcome.DIFFERS),
        (None, None, Outcome.NOT_COMPARABLE),
    ],
    ids=["same rows", "other rows", "not computed"],
)
def test_a_spark_frame_that_is_a_result_is_compared_by_its_rows(
    was: pyarrow.Table | None, now: pyarrow.Table | None, outcome: Outcome
) -> None:
    adhoc, promoted = result_of(was), result_of(now)
    found = compare(adhoc, promoted, Subjects({}, [], ["frame"], {"one": "cell 1"}), Terms())
    assert found.outcome is outcome


def test_a_schema_alone_is_no_evidence() -> None:
    only = result_of(None)
    found = compare(only, only, Subjects({}, [], [], {"one": "cell 1"}), Terms())
    assert found.outcome is Outcome.NOT_COMPARABLE


@pytest.mark.parametrize("text", ['<img id="_anim_img{}">', '<input id="_anim_radio1_{}">', "anim{}.slow()"])
def test_the_ids_of_animations_are_noise(text: str) -> None:
    was, now = (text.format(one * 32) for one in "ab")
    assert outputs.difference([{"text/html": was}], [{"text/html": now}], Terms()) is None


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('<div id="sk-container-id-1">a</div>', '<div id="sk-container-id-7">a</div>'),
        ("<class '__main__.Shop'>", "<class 'commonlib.shops.Shop'>"),
    ],
)  # fmt: skip
def test_numbers_of_what_is_shown_and_where_code_lives_are_noise(was: str, now: str) -> None:
    assert outputs.difference([{"text/html": was}], [{"text/html": now}], Terms()) is None


def test_what_spark_calls_a_model_is_noise() -> None:
    was, now = (f"{{Param(parent='LogisticRegression_{one * 12}', name='maxIter'): 9}}" for one in "ab")
    assert outputs.difference([{"text/plain": was}], [{"text/plain": now}], Terms()) is None


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("+-+-+\n|a|1|\n|b|2|\n+-+-+", "+-+-+\n|b|2|\n|a|1|\n+-+-+", True),
        ("+-+-+\n|a|1|\n|b|2|\n+-+-+", "+-+-+\n|a|2|\n|b|1|\n+-+-+", False),
        ("+-----+\n|    x|\n|1.125|\n|  2.5|\n+-----+",
         "+----------------+\n|               x|\n|             2.5|\n|1.12500000000001|\n+----------------+", True),
        ("   k  n\n0  a  1\n1  b  2", "   k  n\n0  b  2\n1  a  1", True),
        ("<tr><th>0</th><td>a</td></tr><tr><th>1</th><td>b</td></tr>",
         "<tr><th>0</th><td>b</td></tr><tr><th>1</th><td>a</td></tr>", True),
        ("<tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr>",
         "<tr><td>a</td><td>2</td></tr><tr><td>b</td><td>1</td></tr>", False),
    ],
)  # fmt: skip
def test_on_other_settings_rows_may_come_in_another_order_but_must_be_the_same(was: str, now: str, same: bool) -> None:
    kind = "text/html" if "<" in was else "text/plain"
    found = repeated(evidence(1, shown=was, kind=kind), evidence(1, shown=now, kind=kind), SUBJECTS, Terms(), ())
    assert found.outcome is (Outcome.SAME if same else Outcome.DIFFERS)
    assert any(one.detail == OTHER_ORDER for one in found.comparisons) is same
    assert verdict(evidence(1, shown=was, kind=kind), evidence(1, shown=now, kind=kind))[0] is Outcome.DIFFERS


def test_where_two_runs_part_is_told_in_the_order_of_the_run() -> None:
    def seen(n: int) -> Evidence:
        number, table = Value("scalar", "int", str(n)), pyarrow.table({"n": [n]})
        written = {"/tmp/x": Written("", table, cell="b"), "derived/x": Written("", table)}
        return Evidence({("b", "y"): number, ("a", "x"): number}, {"a": (), "b": ()}, written, {})

    subjects = Subjects({"/tmp/x": "derived/x"}, [], [], {"a": "cell 1", "b": "cell 2"})
    found = compare(seen(1), seen(2), subjects, Terms())
    assert [one.subject for one in found.decisive] == ["x after cell 1", "derived/x", "y after cell 2"]


def test_a_saved_output_that_a_fresh_run_does_not_give_is_told() -> None:
    subjects = Subjects({}, [], [], {"two": "cell 2", "three": "cell 3"})
    kept: dict[str, tuple[Shown, ...]] = {"two": ({"text/plain": "old"},), "three": ({"text/plain": "gone"},)}
    (found,) = saved(kept, evidence(1, shown="new"), subjects, Terms())
    assert (found.subject, found.detail) == ("cell 2", "shows 'new' where it showed 'old'")


def test_how_wide_a_table_is_shown_is_no_difference() -> None:
    was = "+----+\n|  x |\n|1.25|\n+----+"
    now = "+------------------+\n|         x        |\n|1.2500000000000002|\n+------------------+"
    assert outputs.is_same_text(was, now, 1e-9)
    assert not outputs.is_same_text(was, now.replace("1.25", "1.26"), 1e-9)


def parquet(*rows: float) -> bytes:
    made = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"weight": rows}), made)
    return made.getvalue()


def model(run: str, *parts: bytes) -> dict[str, bytes]:
    about = f'{{"timestamp":17900000000{run[:2]},"uid":"Trees_{run * 2}","depth":5}}'
    made = {"spam/metadata/part-00000": about.encode()}
    return made | {f"spam/data/part-0000{place}-{run}.parquet": part for place, part in enumerate(parts)}


@pytest.mark.parametrize(
    ("now", "outcome", "told"),
    [
        (model("654321", parquet(1.0, 2.0)), Outcome.SAME, "a folder of 3 files: data/part.parquet, metadata/part"),
        (
            model("654321", parquet(1.0, 2.5)),
            Outcome.DIFFERS,
            "data/part.parquet column weight is 2.5 where it was 2.0",
        ),
        (model("654321", parquet(1.0)), Outcome.DIFFERS, "data/part.parquet 1 rows instead of 2"),
        (model("654321"), Outcome.DIFFERS, "data/part.parquet is in one of them only"),
        ({}, Outcome.NOT_COMPARABLE, "one is a table"),
    ],
)
def test_folders_of_spark_are_told_by_what_their_parts_hold_together(now, outcome: Outcome, told: str) -> None:
    found, detail = folders.compare(model("123456", parquet(2.0), parquet(1.0)), now, Terms())
    assert found is outcome
    assert told in detail


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("PythonRDD[1] at map at /tmp/ipykernel_1/22.py:1", "PythonRDD[48] at map at /tmp/ipykernel_3/4.py:2", True),
        ("hashpartitioning(id#4L, 8), ENSURE, [plan_id=48]", "hashpartitioning(id#9L, 13), ENSURE, [plan_id=7]", True),
        ("<dd><code>local[*]</code></dd>", "<dd><code>local[3]</code></dd>", True),
        ("+- Exchange hashpartitioning(id#4L, 8)", "+- Exchange hashpartitioning(name#4L, 8)", False),
        ("RDD[1]", "RDD[2]", False),
    ],
)  # fmt: skip
def test_how_spark_numbers_and_cuts_things_is_noise(was: str, now: str, same: bool) -> None:
    assert (outputs.difference([{"text/plain": was}], [{"text/plain": now}], Terms()) is None) is same


def test_a_cell_that_shows_how_spark_works_may_show_something_else_on_other_settings() -> None:
    def shown(partitions: int) -> Evidence:
        return Evidence({}, {"a": ({"text/plain": str(partitions)},), "b": ({"text/plain": "7"},)}, {}, {})

    subjects = Subjects({}, ["a", "b"], [], {"a": "cell 1", "b": "cell 2"})
    assert repeated(shown(2), shown(3), subjects, Terms(), ()).outcome is Outcome.DIFFERS
    telling = replace(subjects, telling=frozenset({"a"}))
    assert repeated(shown(2), shown(3), telling, Terms(), ()).outcome is Outcome.SAME
    assert compare(shown(2), shown(3), telling, Terms()).outcome is Outcome.DIFFERS
