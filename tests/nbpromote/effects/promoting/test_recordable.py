"""Calls are recorded of functions that give the same again wherever their tests run."""

from nbpromote.effects.promoting.recordable import is_recordable
from nbpromote.notebook import parse
from nbpromote.promotion.planning import make_draft, options_for
from tests.nbpromote.promotion.empty_repository import EmptyRepository

NOTEBOOK = b"""\
# %%
import json
import pandas as pd
def load(path):
    with open(path) as file:
        return json.load(file)
def size(path):
    return len(load(path))
def frame(path):
    return pd.read_csv(path)
def double(number):
    return 2 * number
# %%
print(load("a.json"), size("a.json"), double(2), frame("b.csv"))
"""


def test_functions_that_read_files_have_no_recorded_calls() -> None:
    draft = make_draft(parse(NOTEBOOK, "notebooks/adhoc/a.py"), options_for("notebooks/adhoc/a.py"), EmptyRepository())
    found = {one.definition.name: is_recordable(draft, one) for one in draft.lifted}
    assert found == {"load": False, "size": False, "frame": False, "double": True}
