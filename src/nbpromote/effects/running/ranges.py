"""Whether the commonlib of a repository is one that a production notebook was made for."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbpromote.effects.files.repository import Repository
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.read_header import header_of
from nbpromote.promotion.version_range import VERSION_FILE, is_in_range, version_of

if TYPE_CHECKING:
    from nbpromote.analysis.checking import Checked

OUT_OF_RANGE = "NB190"


class OutOfRange(NbpromoteError):
    """A production notebook is to run with a commonlib that it was not made for."""

    def __init__(self, path: str, why: str, hint: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}; nothing was run. {hint[:1].upper()}{hint[1:]}")


def check_range(notebook: Path, repository: Repository) -> None:
    """That the commonlib of the repository is one that this production notebook was made for, before it runs.

    Raises:
        OutOfRange: it is not.
    """
    found = _out_of_range(notebook, repository)
    if found is not None:
        raise OutOfRange(repository.relative(notebook), *found)


def with_range(checked: "Checked", repository: Repository) -> "Checked":
    """The checked notebook, with a finding when it states a range that the commonlib beside it is not in."""
    out = _out_of_range(Path(checked.path), repository)
    if out is None:
        return checked
    from nbpromote.analysis.findings import Finding, Severity  # a run has no need of the analysis

    message, hint = out
    finding = Finding(OUT_OF_RANGE, checked.path, None, None, None, message, hint, Severity.BLOCKS)
    lines = (None, *checked.file_lines) if checked.file_lines else ()
    return replace(checked, findings=(finding, *checked.findings), file_lines=lines, blocking=checked.blocking + 1)


def _out_of_range(path: Path, repository: Repository) -> tuple[str, str] | None:
    """What is wrong, and what to do; None when nothing is."""
    if path.suffix != ".py" or not repository.is_production(path):
        return None
    try:
        header = header_of(path.read_bytes())
        version = version_of((repository.root / VERSION_FILE).read_bytes())
    except OSError:
        return None
    wanted = header.get("commonlib")
    if version is None or not wanted or is_in_range(version, str(wanted)):
        return None
    there = ".".join(map(str, version))
    message = f"needs commonlib {wanted}, and here it is {there}: functions that it calls may have changed"
    return (
        message,
        f'"nbpromote test {path.stem}" says whether it still fits; promote {header.get("source", "it")} again',
    )
