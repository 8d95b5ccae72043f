"""What `plan` and `promote` have in common: from the words of the command to a plan."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nbpromote.cli.terminal import err
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.files import plan_files, repository
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.scaffolding import NotARepository, is_repository
from nbpromote.effects.files.untouched import check_names, last_written
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.origin import origin_of
from nbpromote.effects.promoting.again import Again, carry_plan
from nbpromote.effects.promoting.branch import workspace_for
from nbpromote.effects.promoting.needing import environment_decisions
from nbpromote.errors import UsageError
from nbpromote.notebook import read
from nbpromote.promotion import saved
from nbpromote.promotion.draft import Draft, Options
from nbpromote.promotion.plan import Answer, Plan
from nbpromote.promotion.planning import CannotPromote, make_draft, make_plan, options_for, turned_around


class OutsideRepository(UsageError):
    """The notebook is not in the repository that it would be promoted in."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        super().__init__(f"{path}: lies outside of the repository {root}; copy it to notebooks/adhoc/ there first")


class InThePlan(UsageError):
    """Options were given beside a plan file, which holds them already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: holds the results, the name and the module itself; edit them there")


@dataclass(frozen=True, slots=True)
class Planned:
    repository: Repository
    workspace: Workspace
    draft: Draft
    plan: Plan
    again: Again


def planned(path: Path, *, results: Iterable[str], name: str | None, module: str | None) -> Planned:
    """The plan for this notebook in the repository that holds it; or the plan that this file holds.

    Raises:
        UnreadableNotebook, UnreadablePlan, Moved, CannotPromote: with the findings printed before.
    """
    if plan_files.is_plan(path):
        return _from_file(path, has_options=bool(results or name or module))
    found = _repository(path)
    options = options_for(found.relative(path), name=name, module=module, results=results)
    return _planned(found, path, options)


def planned_draft(path: Path, refusal: CannotPromote) -> Planned | None:
    """What could be written unproven of a notebook that cannot be promoted, if anything."""
    if refusal.draft is None:
        return None
    found = repository.find(path)
    draft = refusal.draft
    workspace = workspace_for(found.root, draft.options.name)
    check_names(draft, workspace)
    plan, again = carry_plan(make_plan(draft, workspace, last_written(draft, workspace)), draft, workspace)
    return Planned(found, workspace, draft, plan, again)


def planned_again(made: Planned, answers: Iterable[Answer]) -> Planned:
    """The plan with these answers in place of what it chose."""
    options = made.draft.options
    path = made.repository.root / options.source
    return _planned(made.repository, path, replace(options, answers=(*options.answers, *answers)))


def _from_file(path: Path, *, has_options: bool) -> Planned:
    if has_options:
        raise InThePlan(path)
    kept = plan_files.read(path)
    found = repository.find(path)
    notebook = found.root / kept.notebook
    if not notebook.is_file():
        raise saved.Moved(str(path), [kept.notebook])
    made = _planned(found, notebook, replace(kept.options, answers=()))
    saved.check(kept, made.draft, made.workspace, str(path))
    answers = turned_around(made.draft, kept.options.answers)
    return planned_again(made, answers) if answers else made


def _repository(path: Path) -> Repository:
    found = repository.find(path)
    if Path(found.relative(path)).is_absolute():
        raise OutsideRepository(path, found.root)
    if not is_repository(found.root):
        raise NotARepository(found.root)
    return found


def _planned(found: Repository, path: Path, options: Options) -> Planned:
    notebook = read(path, name=options.source)
    workspace = workspace_for(found.root, options.name)
    if workspace.recovered:
        err().print(f"an interrupted promotion was taken back: {', '.join(workspace.recovered)}")
    try:
        options = replace(options, origin=origin_of(found.root, options.source))
        specifications = read_settings(found.root).specifications
        draft = make_draft(notebook, options, workspace, specifications=specifications)
    except CannotPromote as refusal:
        from nbpromote.cli.report import print_findings

        print_findings(refusal.findings)
        raise
    check_names(draft, workspace)
    plan, again = carry_plan(make_plan(draft, workspace, last_written(draft, workspace)), draft, workspace)
    plan = replace(plan, decisions=(*plan.decisions, *environment_decisions(found, draft)))
    return Planned(found, workspace, draft, plan, again)
