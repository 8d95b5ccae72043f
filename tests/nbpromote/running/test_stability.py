"""Two runs tell what can be held against a later one, and why the rest cannot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nbpromote.running.comparing import Terms, datasets
from nbpromote.running.reference import Masking
from nbpromote.running.stability import Side, Stability, judge_cell, judge_data

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def side(text: str, *, days: int = 0) -> Side:
    cell = {"outputs": [{"output_type": "stream", "name": "stdout", "text": text}]}
    return Side(cell, Masking(NOW + timedelta(days=days), {}))


@pytest.mark.parametrize(
    ("first", "second", "stability", "why"),
    [
        ("sum 3", "sum 3", Stability.STABLE, ""),
        ("at 2026-03-04 11:59:01", "at 2026-03-17 19:10:33", Stability.MASKABLE, "times"),
        ("<Model at 0x7f3c2a1b9d10>", "<Model at 0x7f3c2a1b9d99>", Stability.MASKABLE, "addresses"),
        ("0.30000000000000004", "0.3", Stability.FLOAT_NOISE, "up to 1.9e-16 of a value"),
        ("x 1.00005", "x 1.00000", Stability.UNSTABLE, "tolerance: 1.0e-4 in the case accepts it"),
        ("today is 2026-03-04", "today is 2026-03-17", Stability.UNSTABLE, "it hangs on the clock: make the day a"),
        ("{'b', 'a'}", "{'a', 'b'}", Stability.UNSTABLE, "the same in another order: sort it"),
        (
            "drew 0.21",
            "drew 0.87",
            Stability.UNSTABLE,
            "seed what is drawn, order what is cut, or leave it out: ignore",
        ),
    ],
)
def test_a_cell_is_judged_by_two_runs(first: str, second: str, stability: Stability, why: str) -> None:
    found = judge_cell("cell-2", side(first), side(second, days=13), Terms())
    assert found.stability is stability
    assert why in found.why


def written(total: float, loaded: str) -> dict[str, Any]:
    column = {"type": "double", "nulls": 0, "finite": 3, "sum": total, "least": -1.0, "greatest": 1.0, "linked": total}
    at = {"type": "date", "nulls": 0, "least": loaded, "greatest": loaded, "digest": loaded}
    return {"derived/x": {"rows": 3, "columns": {"amount": column, "at": at}}}


def test_data_is_judged_column_by_column_and_a_sum_near_zero_bears_the_noise_of_its_parts() -> None:
    (noise,) = judge_data(written(1e-17, "d"), written(-2e-17, "d"), Terms())
    (clock,) = judge_data(written(0.5, "2026-03-04"), written(0.5, "2026-03-17"), Terms())
    (other,) = judge_data(written(0.5, "d"), written(0.6, "d"), Terms())
    assert noise.stability is Stability.FLOAT_NOISE
    assert clock.stability is other.stability is Stability.UNSTABLE
    assert "derived/x, column at: least 2026-03-17, was 2026-03-04; greatest 2026-03-17, was" in clock.why
    assert "ignore: [derived/x.at]" in clock.why
    assert list(judge_data(written(0.5, "a"), written(0.5, "b"), Terms(), ["derived/x"])) == []
    (left,) = judge_data(written(0.5, "a"), written(0.5, "b"), Terms(), ["derived/x.at"])
    assert left.stability is Stability.STABLE


def test_what_differs_of_data_is_said_of_rows_and_columns() -> None:
    was, now = written(0.5, "a"), written(0.5, "a")
    column = now["derived/x"]["columns"]
    now["derived/x"]["rows"] = 1200
    column["amount"] = {**column["amount"], "linked": 0.7}
    column["at"] = {**column["at"], "digest": "b"}
    column["new"] = column["at"]
    assert datasets.difference(was, {**now, "derived/y": {"rows": 1}}, Terms()) == (
        "derived/x has 1,200 rows, and had 3\n"
        "derived/x, column at: holds other values\n"
        "derived/x, column new: is new\n"
        "derived/y is written, and was not"
    )
    moved = written(0.5, "a")
    moved["derived/x"]["columns"]["amount"]["linked"] = 0.7
    told = "derived/x, column amount: the same numbers stand in other rows"
    assert datasets.difference(was, moved, Terms()) == told
    assert datasets.difference(was, {}, Terms()) == "derived/x was written, and is not any more"
    assert datasets.difference(was, written(0.5, "a"), Terms()) is None
