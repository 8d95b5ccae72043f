"""Checked notebooks as workflow commands, which GitHub Actions shows beside the files of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions; what is escaped is as in
actions/toolkit:packages/core/src/command.ts.
"""

from collections.abc import Callable, Iterable

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Finding, Severity

_KINDS = {Severity.BLOCKS: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(checked: Iterable[Checked], path_of: Callable[[str], str]) -> str:
    """One command a line; `path_of` gives a notebook's path from the repository's root."""
    commands = [
        _command(finding, path_of(one.path), line)
        for one in checked
        for finding, line in zip(one.findings, one.file_lines or (None,) * len(one.findings), strict=True)
    ]
    return "\n".join(commands)


def _command(finding: Finding, path: str, line: int | None) -> str:
    title = finding.code
    if finding.cell is not None:
        title += f" in cell {finding.cell}" + (f", line {finding.span.line}" if finding.span else "")
    properties = {"file": path, "line": str(line or 1), "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_KINDS[finding.severity]} {told}::{_data(f'{finding.message}; {finding.hint}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
