"""How a Databricks cell names its language: `%sql`, `%md` and their like on its first line."""

import re

_LINE = re.compile(r"\s*%([a-zA-Z][\w-]*)")
_LANGUAGES = {
    "python": "python", "py": "python", "sql": "sql", "r": "r", "scala": "scala", "sh": "bash", "fs": "databricks fs",
    "run": "python", "pip": "python", "conda": "python",
}  # fmt: skip
_MARKDOWN = re.compile(r"\s*%md(?:-sandbox)?(?![\w-])[ \t]*\n?")


def named_language(source: str) -> str | None:
    """The language that the first line names; None when it names none.

    `%run` and `%pip` are magics of the notebook's Python, whatever the main language is.
    """
    line = _LINE.match(source)
    return _LANGUAGES.get(line[1]) if line else None


def markdown_prefix(source: str) -> str | None:
    """What stands before the text of a `%md` cell."""
    found = _MARKDOWN.match(source)
    return found[0] if found else None
