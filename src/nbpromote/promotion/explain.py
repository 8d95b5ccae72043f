"""A plan in words: what stays, what goes and why, and what would be written."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from nbpromote.promotion.plan import Decision, DecisionKind, FileEdit, Plan

_SECTIONS: tuple[tuple[str, tuple[DecisionKind, ...]], ...] = (
    ("Cells that go", (DecisionKind.CELL_DROPPED,)),
    ("Lines that go", (DecisionKind.LINE_DROPPED, DecisionKind.LINE_KEPT)),
    ("Mends", (DecisionKind.MEND,)),
    ("Order", (DecisionKind.ORDER,)),
    ("Results", (DecisionKind.CELL_KEPT,)),
    ("Parameters", (DecisionKind.PARAMETER, DecisionKind.NOT_A_PARAMETER)),
    ("Data", (DecisionKind.SESSION, DecisionKind.INPUT, DecisionKind.OUTPUT, DecisionKind.GUARD)),
    ("Common code", (DecisionKind.LIFTED, DecisionKind.SHARED, DecisionKind.KEPT_LOCAL, DecisionKind.VERSION)),
    ("Environment", (DecisionKind.ENVIRONMENT,)),
    ("People's edits", (DecisionKind.MERGED,)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision as it is told: what it is about, the choice, and why; `doubt` when a person should look."""

    subject: str
    what: str
    why: str
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


def sections(decisions: Iterable[Decision]) -> tuple[Section, ...]:
    """The decisions by what they are about, each told once."""
    unique = list(dict.fromkeys(decisions))
    found = []
    for title, kinds in _SECTIONS:
        lines = tuple(Line(one.subject, one.what, one.why, one.doubt) for one in unique if one.kind in kinds)
        if lines:
            found.append(Section(title, lines))
    return tuple(found)


def change(edit: FileEdit) -> str:
    """What happens to a file, in a word."""
    if edit.before is None:
        return "new"
    return "removed" if edit.after is None else "changed"


def diff(plan: Plan) -> str:
    """The plan's edits as one unified diff."""
    parts: list[str] = []
    for edit in plan.edits:
        before = _lines(edit.before)
        after = _lines(edit.after)
        names = ("/dev/null" if edit.before is None else f"a/{edit.path}",
                 "/dev/null" if edit.after is None else f"b/{edit.path}")  # fmt: skip
        parts += difflib.unified_diff(before, after, *names)
    return "".join(parts)


def _lines(content: bytes | None) -> list[str]:
    lines = (content or b"").decode("utf-8", "replace").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return lines
