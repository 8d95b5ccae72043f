"""The tables of an SQL text that cannot be parsed, by patterns."""

import re
from collections.abc import Iterator

from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.analysis.sql.uses import TableUse

_NAME = r"((?:[`\"\[]?[\w$.-]+[`\"\]]?\.)*[`\"\[]?[\w$-]+[`\"\]]?)"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_WITH = re.compile(rf"(?:\bwith\b|,)\s*(?:recursive\s+)?{_NAME}\s*(?:\([^()]*\)\s*)?\bas\s*\(", re.I)
_TEMPORARY = (
    r"(?:global\s+)?(?:temp(?:orary)?\s+)?(?:external\s+|streaming\s+|live\s+|materialized\s+)*(?:table|view)\s+"
)
_FORMS = (
    (rf"\b(?:from|join)\s+(?:lateral\s+)?{_NAME}(?![\w$.-]|\s*\()", Direction.READ, None),
    (rf"\binsert\s+into\s+(?:table\s+)?{_NAME}", Direction.WRITE, "append"),
    (rf"\binsert\s+overwrite\s+(?:table\s+)?{_NAME}", Direction.WRITE, "overwrite"),
    (rf"\bcreate\s+or\s+(?:replace|refresh)\s+{_TEMPORARY}{_NAME}", Direction.WRITE, "overwrite"),
    (rf"\bcreate\s+{_TEMPORARY}(?:if\s+not\s+exists\s+)?{_NAME}", Direction.WRITE, "errorifexists"),
    (rf"\bmerge\s+into\s+{_NAME}", Direction.WRITE, "merge"),
    (rf"\bupdate\s+{_NAME}\s+set\b", Direction.WRITE, "update"),
    (rf"\bdelete\s+from\s+{_NAME}", Direction.WRITE, "delete"),
    (rf"\b(?:drop|truncate|alter)\s+(?:table|view)\s+(?:if\s+exists\s+)?{_NAME}", Direction.WRITE, "delete"),
)
_PATTERNS = tuple((re.compile(form, re.I), direction, mode) for form, direction, mode in _FORMS)
_DIRECTORY = re.compile(r"\binsert\s+overwrite\s+(?:local\s+)?directory\s+'([^']+)'(?:\s+using\s+\w+)?", re.I)
_TEMPORARY_VIEW = re.compile(r"create\s+(?:or\s+replace\s+)?(?:global\s+)?temp", re.I)
_NO_TABLES = frozenset({"select", "values", "unnest", "lateral", "dual", "table"})


def find_uses(query: str) -> Iterator[TableUse]:
    """The tables, in the order of the text; what WITH names is no table."""
    text = _COMMENT.sub(" ", query)
    for match in _DIRECTORY.finditer(text):
        yield TableUse(Direction.WRITE, match[1], match[1], "overwrite", AccessKind.FILE)
    text = _DIRECTORY.sub(" ", text)
    text = re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", text)
    text = re.sub(r"\b(?:extract|substring|trim|overlay)\s*\([^()]*\)", " ", text, flags=re.I)
    local = {_clean(name).lower() for name in _WITH.findall(text)}
    found: dict[TableUse, int] = {}
    for pattern, direction, mode in _PATTERNS:
        for match in pattern.finditer(text):
            name = _clean(match[1])
            if name.lower() in local or name.lower() in _NO_TABLES or not name:
                continue
            if direction is Direction.READ and text[: match.start()].rstrip().lower().endswith("delete"):
                continue
            is_view = direction is Direction.WRITE and _TEMPORARY_VIEW.match(match[0]) is not None
            kind = AccessKind.TEMP_VIEW if is_view else AccessKind.TABLE
            found.setdefault(TableUse(direction, name, name, mode, kind), match.start(1))
    yield from sorted(found, key=lambda each: found[each])


def _clean(name: str) -> str:
    return re.sub(r"[`\"\[\]]", "", name)
