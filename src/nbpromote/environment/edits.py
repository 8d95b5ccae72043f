"""environment.yml and pyproject.toml, edited line by line: what a person wrote around it stays."""

import re
from collections.abc import Iterator, Sequence

from nbpromote.environment.adoption import Move
from nbpromote.environment.packages import normal_name
from nbpromote.environment.widening import admitting

_REQUIREMENT = re.compile(r"(?<=[\"'])([A-Za-z0-9][\w.-]*)((?:\[[^]\"']*\])?\s*[<>=!~][^\"'\n]*)(?=[\"'])")


def edit_environment(text: str, moves: Sequence[Move]) -> str:
    """environment.yml with the lines that the moves change; a new package goes to the end of the pip part."""
    lines = text.splitlines(keepends=True)
    for move in moves:
        if move.line is not None and move.becomes != move.line:
            for number, line in enumerate(lines):
                if re.match(rf"\s*- (['\"]?){re.escape(move.line)}\1\s*(#.*)?$", line):
                    lines[number] = line.replace(move.line, move.becomes, 1)
    new = [move.becomes for move in moves if move.line is None]
    if not new:
        return "".join(lines)
    at, indent = _end_of_pip(lines)
    if at is None:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        at = _end_of_dependencies(lines)
        own = next((line[: line.index("-")] for line in reversed(lines[:at]) if line.lstrip().startswith("- ")), "  ")
        return "".join([*lines[:at], f"{own}- pip:\n", *(f"{own}  - {one}\n" for one in new), *lines[at:]])
    if not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], *(f"{indent}- {one}\n" for one in new), *lines[at:]])


def edit_project(text: str, moves: Sequence[Move]) -> str:
    """pyproject.toml with the requirements of these packages widened as environment.yml's are.

    A new package is added to the dependency group `notebooks`, where there is one.
    """
    for move in moves:
        if move.ran is None:
            continue
        for match in re.finditer(
            r"(?<=[\"'])([A-Za-z0-9][\w.-]*)((?:\[[^]\"']*\])?\s*[<>=!~][^\"'\n]*)(?=[\"'])", text
        ):
            if normal_name(match[1]) == move.name and (line := match[0]) != (wide := admitting(line, move.ran)):
                text = text[: match.start()] + wide + text[match.end() :]
                break
    group = re.search(r"^notebooks = \[([^]]*)\]", text, re.MULTILINE)
    new = [move.becomes for move in moves if move.line is None]
    if group is None or not new:
        return text
    inside = group[1].rstrip()
    comma = "" if not inside or inside.endswith(",") else ","
    added = ", ".join(f'"{one}"' for one in new)
    joint = " " if inside else ""
    return f"{text[: group.start(1)]}{inside}{comma}{joint}{added}{text[group.end(1) :]}"


def _end_of_pip(lines: Sequence[str]) -> tuple[int | None, str]:
    """Behind the last line of the pip part, and how its lines are indented."""
    for number, line in enumerate(lines):
        match = re.match(r"( *)- pip:\s*(#.*)?$", line)
        if match is None:
            continue
        end, indent = number + 1, f"{match[1]}  "
        for later in range(number + 1, len(lines)):
            inner = re.match(r"( *)- ", lines[later])
            if inner and len(inner[1]) > len(match[1]):
                end, indent = later + 1, inner[1]
            elif lines[later].strip() and not lines[later].lstrip().startswith("#"):
                break
        return end, indent
    return None, ""


def _end_of_dependencies(lines: Sequence[str]) -> int:
    start = next((number for number, line in enumerate(lines) if line.startswith("dependencies:")), len(lines) - 1)
    end = start + 1
    for number in _entries(lines, start + 1):
        end = number + 1
    return end


def _entries(lines: Sequence[str], start: int) -> Iterator[int]:
    for number in range(start, len(lines)):
        line = lines[number]
        if line.lstrip().startswith("- "):
            yield number
        elif line.strip() and not line.startswith((" ", "#")):
            return
