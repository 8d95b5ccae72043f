"""The tables that an SQL text reads and writes."""

import re

from nbpromote.analysis.facts import Direction

_NAME = r"((?:[`\"\[]?[\w$.-]+[`\"\]]?\.)*[`\"\[]?[\w$-]+[`\"\]]?)"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_WITH = re.compile(rf"(?:\bwith\b|,)\s*(?:recursive\s+)?{_NAME}\s*(?:\([^()]*\)\s*)?\bas\s*\(", re.I)
_TEMPORARY = r"(?:global\s+)?(?:temp(?:orary)?\s+)?(?:external\s+)?(?:table|view)\s+"
_FORMS = (
    (rf"\b(?:from|join)\s+(?:lateral\s+)?{_NAME}(?!\s*\()", Direction.READ, None),
    (rf"\binsert\s+into\s+(?:table\s+)?{_NAME}", Direction.WRITE, "append"),
    (rf"\binsert\s+overwrite\s+(?:table\s+)?{_NAME}", Direction.WRITE, "overwrite"),
    (rf"\bcreate\s+or\s+replace\s+{_TEMPORARY}{_NAME}", Direction.WRITE, "overwrite"),
    (rf"\bcreate\s+{_TEMPORARY}(?:if\s+not\s+exists\s+)?{_NAME}", Direction.WRITE, "errorifexists"),
    (rf"\bmerge\s+into\s+{_NAME}", Direction.WRITE, "merge"),
    (rf"\bupdate\s+{_NAME}\s+set\b", Direction.WRITE, "update"),
    (rf"\bdelete\s+from\s+{_NAME}", Direction.WRITE, "delete"),
    (rf"\b(?:drop|truncate|alter)\s+(?:table|view)\s+(?:if\s+exists\s+)?{_NAME}", Direction.WRITE, "delete"),
)
_PATTERNS = tuple((re.compile(form, re.I), direction, mode) for form, direction, mode in _FORMS)
_NO_TABLES = frozenset({"select", "values", "unnest", "lateral", "dual", "table"})


def find_tables(query: str) -> list[tuple[Direction, str | None, str | None]]:
    """(direction, table, mode) of each table of an SQL text, in the order of the text; a CTE is no table."""
    text = _COMMENT.sub(" ", query)
    text = re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", text)
    text = re.sub(r"\b(?:extract|substring|trim|overlay)\s*\([^()]*\)", " ", text, flags=re.I)
    local = {_clean(name).lower() for name in _WITH.findall(text)}
    found: dict[tuple[Direction, str | None, str | None], int] = {}
    written = set()
    for pattern, direction, mode in _PATTERNS:
        for match in pattern.finditer(text):
            name = _clean(match[1])
            if name.lower() in local or name.lower() in _NO_TABLES or not name:
                continue
            if direction is Direction.WRITE:
                written.add(match.start(1))
            elif text[: match.start()].rstrip().lower().endswith("delete"):
                continue
            found.setdefault((direction, name, mode), match.start(1))
    return sorted(found, key=lambda each: found[each])


def _clean(name: str) -> str:
    return re.sub(r"[`\"\[\]]", "", name)
