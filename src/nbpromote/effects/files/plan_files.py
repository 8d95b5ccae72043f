"""Plans as files: written once and never over another file."""

from pathlib import Path

from nbpromote.errors import NbpromoteError, UsageError
from nbpromote.promotion.saved import SUFFIXES, SavedPlan, UnreadablePlan, parse


class FileIsThere(NbpromoteError):
    """The plan would be written over another file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: is there already, and might hold somebody's choices; remove it or give another name")


class NotAPlanName(UsageError):
    """A plan's file is known by its suffix."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: a plan is known by its suffix; call it {path.name}.yml")


def is_plan(path: Path) -> bool:
    """Whether this path is meant as a plan and not as a notebook."""
    return path.suffix.lower() in SUFFIXES


def check_new(path: Path) -> None:
    """Refuse, before there is a plan, a path that it cannot be written to.

    Raises:
        FileIsThere, NotAPlanName: nothing was written.
    """
    if not is_plan(path):
        raise NotAPlanName(path)
    if path.exists() or path.is_symlink():
        raise FileIsThere(path)


def write(path: Path, text: str) -> None:
    """Write a new plan.

    Raises:
        FileIsThere: somebody was quicker.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise FileIsThere(path) from error


def read(path: Path) -> SavedPlan:
    """The plan that this file holds.

    Raises:
        UnreadablePlan: it is no plan.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadablePlan(str(path), "it is not text") from error
    return parse(text, str(path))
