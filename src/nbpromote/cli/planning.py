"""What `plan` and `promote` have in common: from the words of the command to a plan."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nbpromote.cli.terminal import err
from nbpromote.effects import repository
from nbpromote.effects.check_settings import read_settings
from nbpromote.effects.origin import origin_of
from nbpromote.effects.repository import Repository
from nbpromote.effects.scaffolding import NotARepository, is_repository
from nbpromote.effects.untouched import check_names
from nbpromote.effects.workspace import Workspace
from nbpromote.errors import UsageError
from nbpromote.notebook import read
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Plan
from nbpromote.promotion.planning import CannotPromote, make_draft, make_plan, options_for


class OutsideRepository(UsageError):
    """The notebook is not in the repository that it would be promoted in."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        super().__init__(f"{path}: lies outside of the repository {root}; copy it to notebooks/adhoc/ there first")


@dataclass(frozen=True, slots=True)
class Planned:
    repository: Repository
    workspace: Workspace
    draft: Draft
    plan: Plan


def planned(path: Path, *, results: Iterable[str], name: str | None, module: str | None) -> Planned:
    """The plan for this notebook in the repository that holds it.

    Raises:
        UnreadableNotebook, CannotPromote: with the findings printed before.
    """
    found = repository.find(path)
    source = found.relative(path)
    if Path(source).is_absolute():
        raise OutsideRepository(path, found.root)
    if not is_repository(found.root):
        raise NotARepository(found.root)
    notebook = read(path, name=source)
    workspace = Workspace(found.root)
    if workspace.recovered:
        err().print(f"an interrupted promotion was taken back: {', '.join(workspace.recovered)}")
    try:
        options = options_for(source, name=name, module=module, results=results)
        options = replace(options, origin=origin_of(found.root, source))
        specifications = read_settings(found.root).specifications
        draft = make_draft(notebook, options, workspace, specifications=specifications)
    except CannotPromote as refusal:
        from nbpromote.cli.report import print_findings

        print_findings(refusal.findings)
        raise
    check_names(draft, workspace)
    return Planned(found, workspace, draft, make_plan(draft, workspace))
