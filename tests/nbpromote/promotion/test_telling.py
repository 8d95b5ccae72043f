"""Cells that show how Spark works are told from those that show what it computes."""

from nbpromote.analysis import analyse
from nbpromote.notebook import parse
from nbpromote.promotion.tellings import telling_cells

NOTEBOOK = b"""\
# %%
n = rdd.getNumPartitions()
def tell(frame):
    frame.explain()
# %%
print(n)
# %%
tell(frame)
# %%
frame.groupBy("a").count().show()
# %%
n = 3
rdd.glom().collect()
"""


def test_what_is_bound_to_it_tells_of_it_where_it_is_used() -> None:
    facts = analyse(parse(NOTEBOOK, "a.py"))
    found = telling_cells(facts)
    assert [cell.number for cell in facts.notebook.code_cells if cell.id in found] == [2, 3, 5]
