"""commonlib's changelog, in the manner of Keep a Changelog: a heading a version, a group a kind of change."""

import re
from collections.abc import Iterable, Sequence

Line = tuple[str, str]  # the group that it belongs to, and the line
_HEADING = re.compile(r"^## ", re.MULTILINE)


def with_lines(log: str, version: str, lines: Sequence[Line]) -> str:
    """The changelog with these lines, each with the group that it belongs to, under the heading of this version."""
    heading = f"## [{version}]"
    first = _HEADING.search(log)
    at = first.start() if first else len(log)
    lead = log[:at].rstrip("\n") + "\n\n"
    rest = log[at:]
    body = ""
    if rest.startswith(heading):
        following = _HEADING.search(rest, 1)
        end = following.start() if following else len(rest)
        heading, _, body = rest[:end].partition("\n")
        rest = rest[end:]
    groups = grouped(body.splitlines())
    wanted = dict.fromkeys((*(group for group, _ in groups), *(group for group, _ in lines)))
    text = f"{heading}\n"
    for group in wanted:
        rows = dict.fromkeys(line for own, line in (*groups, *lines) if own == group and line)
        text += f"\n### {group}\n\n" + "".join(f"{row}\n" for row in rows)
    return lead + text + ("\n" + rest if rest else "")


def grouped(lines: Iterable[str]) -> list[Line]:
    """The lines with the groups that their headings say."""
    group, found = "Added", []
    for line in lines:
        if line.startswith("### "):
            group = line[4:]
        elif line.strip() and not line.startswith("## "):
            found.append((group, line))
    return found
