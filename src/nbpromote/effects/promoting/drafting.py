"""Lands a production notebook that is not proven, marked as such, with what is to be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nbpromote import __version__
from nbpromote.analysis.rules import find
from nbpromote.effects import git
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.files.untouched import still_vouched
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.again import Again
from nbpromote.effects.promoting.history import remembered
from nbpromote.effects.promoting.landing import Differs
from nbpromote.effects.promoting.proof_runs import CannotProve, MadeByItself, NeverEnds
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.header import source_hash
from nbpromote.promotion.plan import FileEdit, Plan
from nbpromote.promotion.planning import CannotPromote
from nbpromote.promotion.unproven import Todo, marked, of_failures, of_findings
from nbpromote.proof import report, words
from nbpromote.proof.verdict import Outcome, Verdict

_MOST = 8


class ProvenIsThere(NbpromoteError):
    """A draft would take the place of a production notebook that is proven."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"{path}: is proven, and a draft would replace it; nothing was changed. Give the draft a name of its own "
            "with --name"
        )


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that landed: every edit, and what is to be done about it, the most pressing first."""

    edits: tuple[FileEdit, ...]
    todo: tuple[Todo, ...]


def check_no_proven(draft: Draft, workspace: Workspace) -> None:
    """Refuse a draft in the place of what is proven.

    Raises:
        ProvenIsThere: nothing was changed.
    """
    if report.outcome(workspace.read_bytes(draft.options.proof_path)) == str(Outcome.SAME):
        raise ProvenIsThere(draft.options.target)


def todo_of(refusal: NbpromoteError, draft: Draft) -> tuple[Todo, ...]:
    """What stands between this draft and its proof, the most pressing first."""
    if isinstance(refusal, CannotPromote):
        return of_findings(refusal.findings)
    if isinstance(refusal, CannotProve):
        failures = refusal.failures
        if refusal.which == "ad-hoc" and failures:
            return of_failures(failures, draft.facts, find(draft.facts))
        told = str(failures[0]) if failures else str(refusal.executed.status)
        where = f"cell {failures[0].number} of this notebook" if failures else ""
        return (Todo(where, f"fails, where the ad-hoc notebook does not: {told}", "please report this notebook"),)
    if isinstance(refusal, Differs):
        return _of_verdict(refusal.verdict)
    if isinstance(refusal, NeverEnds | MadeByItself):
        return (Todo("", refusal.why, refusal.todo),)
    return (Todo("", str(refusal).partition("\n")[0], "look at the functions in commonlib"),)


def _of_verdict(verdict: Verdict) -> tuple[Todo, ...]:
    where = verdict.parts_at
    what = next(iter(words.advice(verdict)), "show or write something that can be compared")
    hints = (Todo("", f"it may come from {hint}", "mend that first") for hint in verdict.hints)
    return (Todo(where, words.reason(verdict), what), *hints)


def land(  # noqa: PLR0917
    draft: Draft,
    plan: Plan,
    repository: Repository,
    workspace: Workspace,
    refusal: NbpromoteError,
    again: Again,
) -> Drafted:
    """Write what the plan says, marked as unproven, with a proof that says so.

    Raises:
        ProvenIsThere: a draft would replace what is proven.
    """
    check_no_proven(draft, workspace)
    options, former = draft.options, workspace.read_bytes(draft.options.proof_path)
    todo = todo_of(refusal, draft)[:_MOST]
    edits = tuple(_marked(edit, draft, todo) if edit.path == options.target else edit for edit in plan.edits)
    files = still_vouched(draft, workspace) | {edit.path: edit.after for edit in edits if edit.after is not None}
    made = {**report.bases(former), **again.made}
    verdict = refusal.verdict if isinstance(refusal, Differs) else Verdict(Outcome.UNPROVEN, ())
    evidence = report.render(
        verdict,
        source=options.source,
        source_sha256=source_hash(draft.source_notebook),
        files=files,
        packages={},
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        bases={path: made.get(path, content) for path, content in files.items() if path.endswith(".py")},
        about={"by": git.user(repository.root), "commit": git.head(repository.root)},
        unproven=[(one.where, one.why, one.what) for one in todo],
    )
    edits = (*edits, FileEdit(options.proof_path, former, evidence), *again.chosen)
    place = workspace.prepare(edits, f"Draft {options.source}, unproven\n")
    with remembered(repository.root, options.target, edits, place):
        workspace.apply(edits)
    return Drafted(edits, todo)


def _marked(edit: FileEdit, draft: Draft, todo: Sequence[Todo]) -> FileEdit:
    text = (edit.after or b"").decode()
    return FileEdit(edit.path, edit.before, marked(text, draft, todo).encode())
