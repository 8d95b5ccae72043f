"""What nbval's markers and tags, and the case, say of single cells."""

from dataclasses import dataclass

from nbpromote.notebook import Notebook
from nbpromote.running.case import Case


@dataclass(frozen=True, slots=True)
class Markers:
    """Ids of cells: what they show is not compared; they do not run; they may raise."""

    ignored: frozenset[str]
    skipped: frozenset[str]
    raising: frozenset[str]

    @property
    def not_compared(self) -> frozenset[str]:
        return self.ignored | self.skipped


def find_markers(case: Case, notebook: Notebook) -> Markers:
    """What is said of the notebook's cells: `# NBVAL_IGNORE_OUTPUT` and its like, tags, and the case's `ignore`."""
    from nbval.plugin import find_comment_markers, find_metadata_tags

    ignored, skipped, raising = set(), set(), set()
    for cell in notebook.code_cells:
        options = dict([*find_metadata_tags({"tags": list(cell.tags)}), *find_comment_markers(cell.source)])
        if not options.get("check", True) or f"cell-{cell.number}" in case.ignore:
            ignored.add(cell.id)
        if options.get("skip"):
            skipped.add(cell.id)
        if options.get("check_exception"):
            raising.add(cell.id)
    return Markers(frozenset(ignored), frozenset(skipped), frozenset(raising))
