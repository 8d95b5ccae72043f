"""What an ad-hoc notebook finds ready made where people wrote it, for a plain kernel that runs it."""

from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.passes.magics import as_proven
from nbpromote.promotion.passes.session import IMPORTED_THERE
from nbpromote.promotion.passes.widgets import DBUTILS, SHOW, sql_of
from nbpromote.promotion.sql_cells import Untranslatable


def runnable(draft: Draft, cell: Cell) -> str | None:
    """A cell of the ad-hoc notebook as a plain kernel runs it; None when none does."""
    if code_of(cell).language == "sql":
        try:
            return sql_of(draft, cell)
        except Untranslatable:
            return None
    return as_proven(cell.source) if cell.language == "python" else None


def session_of(draft: Draft) -> str:
    """The session that an ad-hoc notebook finds ready made in the shell or workspace that it comes from."""
    return f"from commonlib.session import get_spark\n{draft.session}\ndel get_spark\n" if draft.session else ""


def databricks_of(draft: Draft) -> str:
    """What a notebook of Databricks finds ready made there: the widgets, and a `display` that shows rows."""
    reads = {name for cell in draft.facts.cells for name in cell.reads}
    parts = []
    if draft.facts.widgets or "dbutils" in reads:
        parts.append(f"{DBUTILS}\n")
        # Made in SQL, or by hand in the workspace (an export tells of it): no cell of Python makes them.
        made = {
            one.name: one.default
            for one in draft.facts.widgets
            if one.default is not None and "widgets." + one.kind not in draft.facts.notebook.cell(one.cell_id).source
        }
        parts.append(f"dbutils.widgets.give({made!r})\n" if made else "")
    if SHOW in draft.imports:
        parts.append(f"{SHOW}\n")
    parts += [f"{one}\n" for one in IMPORTED_THERE.values() if one in draft.imports]
    return "".join(parts)
