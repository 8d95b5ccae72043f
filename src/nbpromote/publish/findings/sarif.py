"""Checked notebooks as SARIF 2.1.0, the format that code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import inspect
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import quote

from nbpromote.analysis.checking import UNREADABLE, Checked, FileFix
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules import RULES, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST_SNIPPET = 1000
_LEVELS = {Severity.BLOCKS: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render_sarif(
    checked: Iterable[Checked],
    path_of: Callable[[str], str],
    *,
    version: str,
    refusals: Mapping[str, tuple[str, str]],
) -> str:
    """One run of the tool; `path_of` gives a notebook's path from the repository's root, `refusals` are the codes of
    promotion's own findings with a name and a sentence each.

    A finding's region is in the file, where its line is known. A logical location names the cell and the line in it.
    """
    rules = _rules(refusals)
    places = {str(rule["id"]): index for index, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = [
        _with_fix(_result(finding, path_of(one.path), line, places, seen), path_of(one.path), fix)
        for one in checked
        for finding, line, fix in zip(
            one.findings,
            one.file_lines or (None,) * len(one.findings),
            one.file_fixes or (None,) * len(one.findings),
            strict=True,
        )
    ]
    run = {
        "tool": {"driver": {"name": "nbpromote", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The repository's root."}}},
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _result(
    finding: Finding, path: str, line: int | None, places: dict[str, int], seen: Counter[str]
) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": _artifact(path)}
    if line is not None:
        physical["region"] = {"startLine": line}
        if 0 < len(finding.line) <= _LONGEST_SNIPPET:
            physical["region"] = {"startLine": line, "snippet": {"text": finding.line}}
    location: dict[str, object] = {"physicalLocation": physical}
    if finding.cell is not None:
        where = f"cell {finding.cell}" + (f", line {finding.span.line}" if finding.span else "")
        location["logicalLocations"] = [{"name": where, "fullyQualifiedName": f"{path}#{finding.cell_id}"}]
    # It stays when cells above come and go: nothing in it counts cells or lines.
    same = f"{finding.code}\n{path}\n{finding.line.strip()}\n{'' if finding.line else finding.message}"
    seen[same] += 1
    fingerprint = sha256(f"{same}\n{seen[same]}".encode(errors="replace")).hexdigest()
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}; {finding.hint}"},
        "locations": [location],
        "partialFingerprints": {"finding/v1": fingerprint},
    }
    if finding.code in places:
        result["ruleIndex"] = places[finding.code]
    return result


def _with_fix(result: dict[str, object], path: str, fix: FileFix | None) -> dict[str, object]:
    if fix is None:
        return result
    region = {
        "startLine": fix.line,
        "startColumn": fix.column,
        "endLine": fix.end_line,
        "endColumn": fix.end_column,
    }
    replacement: dict[str, object] = {"deletedRegion": region}
    if fix.text:
        replacement["insertedContent"] = {"text": fix.text}
    changes = [{"artifactLocation": _artifact(path), "replacements": [replacement]}]
    description = {"text": "What `nbpromote check --fix` does."}
    return {**result, "fixes": [{"description": description, "artifactChanges": changes}]}


def _artifact(path: str) -> dict[str, object]:
    if PurePosixPath(path).is_absolute():
        return {"uri": f"file://{quote(path, errors='replace')}"}
    return {"uri": quote(path, errors="replace"), "uriBaseId": "ROOT"}


def _rules(refusals: Mapping[str, tuple[str, str]]) -> list[dict[str, object]]:
    others = {UNREADABLE: ("unreadable", "The file cannot be read as a notebook."), **refusals}
    plain: list[dict[str, object]] = [
        {"id": code, "name": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
        for code, (name, text) in others.items()
    ]
    return [*plain, *map(_rule, RULES)]


def _rule(rule: Rule) -> dict[str, object]:
    text = inspect.cleandoc(sys.modules[rule.find.__module__].__doc__ or "")
    title, _, rest = text.partition("\n")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": title.removeprefix(f"{rule.code}: ")},
        "fullDescription": {"text": " ".join(rest.partition("\nExample:\n")[0].split()) or title},
        "help": {"text": rest.strip() or title},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }
