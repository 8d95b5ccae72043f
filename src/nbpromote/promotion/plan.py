"""What a promotion would change: decisions, and the difference of two snapshots of the repository."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file before and after.

    `path` is relative to the repository's root, in POSIX form; `before` is None for a file that is not there and
    `after` is None for one to be removed. `before` is an optimistic lock.
    """

    path: str
    before: bytes | None
    after: bytes | None

    def reversed(self) -> "FileEdit":
        """The edit that takes this one back."""
        return FileEdit(self.path, self.after, self.before)


class DecisionKind(StrEnum):
    CELL_KEPT = "cell kept"
    CELL_DROPPED = "cell dropped"
    LINE_DROPPED = "line dropped"
    LINE_KEPT = "line kept"
    ORDER = "order"
    PARAMETER = "parameter"
    NOT_A_PARAMETER = "not a parameter"
    INPUT = "input"
    OUTPUT = "output"
    GUARD = "guard"
    LIFTED = "lifted"
    SHARED = "shared"
    VERSION = "version"
    KEPT_LOCAL = "kept local"
    ENVIRONMENT = "environment"
    SESSION = "session"
    MEND = "mend"
    HEADER = "header"
    MERGED = "merged"


class Topic(StrEnum):
    """What a decision that a person can turn around is about, as a plan file groups them."""

    CELL = "cells"
    LINE = "lines"
    ORDER = "order"
    PARAMETER = "parameters"
    SESSION = "session"
    INPUT = "inputs"
    OUTPUT = "outputs"
    FUNCTION = "functions"
    GUARD = "guards"
    MEND = "mends"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person chose in place of what the tool would have: the topic and subject of a decision, and a word."""

    topic: Topic
    subject: str
    choice: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What a decision can be turned to. `choice` is what holds, `usual` what the tool chose; no `choices` means any
    word that fits."""

    topic: Topic
    subject: str
    choice: str
    choices: tuple[str, ...]
    usual: str

    @property
    def is_turned(self) -> bool:
        return self.choice != self.usual


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice that the tool made, and why. `subject` is what it is about (`cell 7`, `cutoff`, `expected_value`);
    `what` the choice, `why` the evidence; `doubt` is true when a person should look; `turn` says how a person can
    decide otherwise, when that is possible."""

    kind: DecisionKind
    subject: str
    what: str
    why: str
    doubt: bool = False
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a promotion would change in the repository, and why."""

    source: str
    target: str
    decisions: tuple[Decision, ...] = ()
    edits: tuple[FileEdit, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.edits
