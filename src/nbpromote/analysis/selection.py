"""Which findings a person wants to see, by the beginnings of their codes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Severity


@dataclass(frozen=True, slots=True)
class Selection:
    """Findings whose code begins with one of `select` (all, when it is empty) and none of `ignore`.

    The longer beginning wins: `select=("NB102",), ignore=("NB1",)` shows NB102 and no other of NB1. `by_file` are
    (pattern, beginnings) that are ignored in files whose path from the repository's root fits the pattern.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    by_file: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_notes: bool = True

    def keeps(self, code: str, path: str) -> bool:
        """Whether a finding with this code, in the file at this path from the root, is shown."""
        ignored = (*self.ignore, *(each for pattern, codes in self.by_file if fits(path, pattern) for each in codes))
        selected = _longest(code, self.select) if self.select else 0
        return selected > _longest(code, ignored)

    def apply(self, checked: Checked, path: str) -> Checked:
        """The checked notebook with the findings that are shown."""
        nothing = (None,) * len(checked.findings)
        lines, fixes = checked.file_lines or nothing, checked.file_fixes or nothing
        kept = [
            (finding, line, fix)
            for finding, line, fix in zip(checked.findings, lines, fixes, strict=True)
            if self.keeps(finding.code, path) and (self.has_notes or finding.severity is not Severity.NOTE)
        ]
        findings, lines, fixes = zip(*kept, strict=True) if kept else ((), (), ())
        return replace(checked, findings=findings, file_lines=lines, file_fixes=fixes)


def fits(path: str, pattern: str) -> bool:
    """Whether a path from the root fits: a name fits any part of the path, a pattern with a slash the path or a folder
    above it; `*` crosses folders."""
    parts = path.split("/")
    pattern = pattern.removeprefix("./").rstrip("/")
    if "/" not in pattern:
        return any(fnmatchcase(part, pattern) for part in parts)
    pattern = pattern.removesuffix("/**")
    return any(fnmatchcase("/".join(parts[: count + 1]), pattern) for count in range(len(parts)))


def _longest(code: str, beginnings: Iterable[str]) -> int:
    """The length of the longest beginning of this code; -1 when none is."""
    return max((len(each) for each in beginnings if code.startswith(each)), default=-1)
