"""Whether the commonlib of a repository is one that a production notebook was made for."""

from dataclasses import replace
from pathlib import Path

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.effects.files.repository import Repository
from nbpromote.promotion.remembered import header_of
from nbpromote.promotion.versioning import VERSION_FILE, is_in_range, version_of

OUT_OF_RANGE = "NB190"


def with_range(checked: Checked, repository: Repository) -> Checked:
    """The checked notebook, with a finding when it states a range that the commonlib beside it is not in."""
    path = Path(checked.path)
    if path.suffix != ".py" or not repository.is_production(path):
        return checked
    try:
        header = header_of(path.read_bytes())
        version = version_of((repository.root / VERSION_FILE).read_bytes())
    except OSError:
        return checked
    wanted = header.get("commonlib")
    if version is None or not wanted or is_in_range(version, str(wanted)):
        return checked
    there = ".".join(map(str, version))
    message = f"needs commonlib {wanted}, and here it is {there}: functions that it calls may have changed"
    hint = f'"nbpromote test {path.stem}" says whether it still fits; promote {header.get("source", "it")} again'
    finding = Finding(OUT_OF_RANGE, checked.path, None, None, None, message, hint, Severity.BLOCKS)
    lines = (None, *checked.file_lines) if checked.file_lines else ()
    return replace(checked, findings=(finding, *checked.findings), file_lines=lines, blocking=checked.blocking + 1)
