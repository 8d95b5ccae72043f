"""Which laws recorded calls suggest, and which of them stay."""

from pathlib import Path
from typing import Any

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion import laws
from nbpromote.promotion.planning import make_draft, options_for

SOURCE = "notebooks/adhoc/n.py"
FRAME: dict[str, Any] = {"frame": "QQ=="}
OTHER: dict[str, Any] = {"frame": "Qg=="}


class Knowing:
    """A repository with the laws of this one."""

    def __init__(self, *, knows: bool = True) -> None:
        self.knows = knows

    def read_bytes(self, path: str) -> bytes | None:
        found = Path(__file__).parents[3] / path
        return found.read_bytes() if self.knows and path == "commonlib/laws.py" else None

    def files(self, folder: str) -> tuple[str, ...]:
        return ()

    def landed(self, path: str) -> tuple[str, ...]:
        return ()


def suggested(body: str, *values: object, result: object, knows: bool = True) -> tuple[str, ...]:
    code = f"# %%\nimport pandas as pd\n\n# %%\ndef inner(a):\n    return a.head()\n\n\ndef f(a):\n    return {body}\n"
    code += "\n# %%\npd.DataFrame([f(pd.read_csv('a.csv'))]).to_csv('b.csv')\n"
    snapshot = Knowing(knows=knows)
    draft = make_draft(parse(code.encode(), SOURCE), options_for(SOURCE), snapshot)
    calls = {"f": [{"args": [value], "kwargs": {}, "free": {}, "result": result} for value in values]}
    return laws.suggested(draft, calls, snapshot).get("f", ())


@pytest.mark.parametrize(
    ("body", "value", "result", "told"),
    [
        ("a.dropna()", FRAME, OTHER, (laws.ALONE, laws.ORDER, laws.ONCE, laws.KEEPS)),
        ("a.dropna()", FRAME, FRAME, (laws.ALONE, laws.ORDER, laws.KEEPS)),
        ("a.fillna(a.mean())", FRAME, OTHER, (laws.ORDER, laws.ONCE, laws.KEEPS)),
        ("inner(a)", FRAME, OTHER, (laws.ONCE, laws.KEEPS)),
        ("len(a)", FRAME, 3, (laws.ORDER, laws.KEEPS)),
        ("a.sum()", {"array": [1.0], "dtype": "float64", "shape": [1]}, 2.0, (laws.ORDER,)),
        ("a.strip()", " x ", "x", (laws.ONCE,)),
        ("a + 1", 1, 2, ()),
        ("print(a)", FRAME, None, ()),
    ],
)
def test_calls_and_code_suggest_laws(body: str, value: object, result: object, told: tuple[str, ...]) -> None:
    assert suggested(body, value, result=result) == told


def test_nothing_is_suggested_without_calls_or_to_a_commonlib_that_does_not_know_laws() -> None:
    assert suggested("a.dropna()", result=None) == ()
    assert suggested("a.dropna()", FRAME, result=OTHER, knows=False) == ()


def test_of_what_holds_the_stronger_law_stays() -> None:
    tried = {"f": (laws.ALONE, laws.ORDER, laws.KEEPS), "g": (laws.ALONE, laws.ORDER), "h": (laws.ONCE,)}
    broken = {("g", laws.ALONE), ("h", laws.ONCE)}
    assert laws.kept(tried, broken) == {"f": (laws.ALONE, laws.KEEPS), "g": (laws.ORDER,)}
