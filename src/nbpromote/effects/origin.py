"""Where an ad-hoc notebook comes from, as git has it."""

from pathlib import Path

from nbpromote.effects import git
from nbpromote.promotion.draft import Origin


def origin_of(root: Path, source: str) -> Origin | None:
    """The last commit that changed the notebook; None for one that is not as committed, and without git."""
    found = git.last_change(root, source) if git.top(root) is not None else None
    return Origin(*found) if found is not None else None
