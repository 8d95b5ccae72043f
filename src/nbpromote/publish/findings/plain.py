"""Checked notebooks as plain JSON: a list of notebooks with their findings."""

import json
from collections.abc import Iterable

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Finding, Fix


def render_json(checked: Iterable[Checked]) -> str:
    """A list of notebooks; lines and columns count from 1, the end is exclusive, `file_line` counts in the file."""
    return json.dumps([_notebook(one) for one in checked], indent=2)


def _notebook(one: Checked) -> dict[str, object]:
    lines = one.file_lines or (None,) * len(one.findings)
    return {
        "path": one.path,
        "distance": one.distance,
        "cells": one.cells,
        "needed": one.needed,
        "results": one.results,
        "findings": [_finding(finding, line) for finding, line in zip(one.findings, lines, strict=True)],
    }


def _finding(finding: Finding, file_line: int | None) -> dict[str, object]:
    span = finding.span
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "cell": finding.cell,
        "cell_id": finding.cell_id,
        "line": span.line if span else None,
        "column": span.column + 1 if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column + 1 if span else None,
        "file_line": file_line,
        "message": finding.message,
        "hint": finding.hint,
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def _fix(fix: Fix) -> dict[str, object]:
    span = fix.span
    return {
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
        "text": fix.text,
    }
