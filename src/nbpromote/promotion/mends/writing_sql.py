"""Cells in SQL that write what a query gives: as `spark.sql`, of which a version in the lake is made."""

import re
from collections.abc import Iterator

from nbpromote.analysis.facts import Direction, Facts, Span
from nbpromote.analysis.sql import find_query as query_that_shows
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell, Notebook
from nbpromote.promotion.mends.mend import Mend
from nbpromote.promotion.rewriting import Rewrite
from nbpromote.promotion.sql_cells import Untranslatable, python_of, statements
from nbpromote.promotion.writes.queries import find_query


def find(facts: Facts) -> Iterator[Mend]:
    """Cells in Spark's SQL that write, show nothing, and ask no widget."""
    for cell in facts.notebook.code_cells:
        if cell.language != "sql" or is_of_a_database(facts.notebook, cell):
            continue
        written = [one for one in facts.of(cell.id).accesses if one.direction is Direction.WRITE and one.mode != "drop"]
        text = "\n".join(one.source for one in code_of(cell).foreign)
        try:
            found = statements(text, {}, frozenset())
        except Untranslatable:
            continue
        queries = [one for one in found if find_query(one.text.strip()) is not None]
        if not written or len(queries) != len(written) or any(query_that_shows(one.text).shows_rows for one in found):
            continue
        rows = cell.source.split("\n")
        whole = Span(1, 0, len(rows), len(rows[-1]))
        targets = ", ".join(one.target or "a table" for one in written)
        yield Mend(
            f"SQL that writes {targets}", "is written as spark.sql(...)", "so that what it writes becomes a version",
            (Rewrite(cell.id, whole, python_of(found, binds=None)),),
        )  # fmt: skip


def is_of_a_database(notebook: Notebook, cell: Cell) -> bool:
    """Whether `%%sql` is the magic of ipython-sql or jupysql, which ask a database and not Spark."""
    first = cell.source.lstrip()
    loads = any(re.search(r"%(?:re)?load_ext\s+sql\b", one.source) for one in notebook.code_cells)
    return first.startswith("%%") and (loads or "://" in first.split("\n")[0])
