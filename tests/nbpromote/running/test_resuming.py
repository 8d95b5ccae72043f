from dataclasses import replace

import pytest

from commonlib.receipts import Receipt
from nbpromote.running.record import Code, Environment, Record
from nbpromote.running.resuming import candidates, changed

CODE, PLACE = Code("c", "main", (), "n1", "l1"), Environment(installed="e1")
READ = Receipt("read", dataset="validated/p", version=3)
OWN = Receipt("write", dataset="derived/v", version=7), Receipt("read", dataset="derived/v", version=7)
DONE = Record("r", "n.py", "done", "2026", 1.0, {"a": 1}, receipts=(READ, *OWN), code=CODE, environment=PLACE)
LATEST = {"validated/p": 3, "derived/v": 9}


DIGESTS = {"validated/p@3": "p3", "derived/v@7": "v7"}
SAME = {"one": replace(DONE, digests=DIGESTS), "code": CODE, "environment": PLACE, "latest": LATEST, "digests": DIGESTS}


def test_what_succeeded_on_the_same_is_left_out() -> None:
    assert changed(**SAME) == ()  # type: ignore[arg-type]
    assert changed(**{**SAME, "code": replace(CODE, commit="d", dirty=("x.md",))}) == ()  # type: ignore[arg-type]
    assert changed(**{**SAME, "digests": {"validated/p@3": "p3"}}) == (), "an old version may expire"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"code": replace(CODE, notebook="n2", commonlib="l2")}, ("the notebook changed", "commonlib changed")),
        ({"environment": replace(PLACE, installed="e2")}, ("installed packages changed",)),
        (
            {"environment": Environment({"pandas": "2"}, "e2")},
            ("installed packages changed (pandas none then, 2 now)",),
        ),
        ({"latest": {**LATEST, "validated/p": 4}}, ("validated/p was read at version 3, has 4 now",)),
        ({"latest": {"derived/v": 9}}, ("validated/p was read at version 3, is gone now",)),
        ({"latest": {"validated/p": 3}}, ("derived/v version 7 is gone",)),
        ({"digests": {**DIGESTS, "validated/p@3": "x"}}, ("validated/p version 3 holds other data",)),
    ],
)
def test_what_differs_runs_again_and_says_why(now: dict[str, object], said: tuple[str, ...]) -> None:
    assert changed(**{**SAME, **now}) == said  # type: ignore[arg-type]


def test_only_a_good_run_with_the_same_parameters_makes_another_needless() -> None:
    others = [replace(DONE, status="failed"), replace(DONE, rerun_of="x"), replace(DONE, parameters={"a": 2})]
    assert list(candidates([*others, DONE], {"a": 1})) == [DONE]
