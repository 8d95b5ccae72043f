"""Parts of an SQL text that are only known when the notebook runs: `{year}`, `${catalog}`, `{{ table }}`, `$name`."""

import re

_HOLE = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|\{[^{}]*\}|(?<![\w$])\$[A-Za-z_]\w*")
_TOKEN = re.compile(r"zq(\d+)qz", re.I)


def hide(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with a name in place of each hole, so that it can be parsed, and the holes."""
    holes: list[str] = []

    def name(match: re.Match[str]) -> str:
        holes.append(match[0])
        return f"zq{len(holes) - 1}qz"

    return _HOLE.sub(name, text), tuple(holes)


def is_holed(text: str) -> bool:
    """Whether a part of this, out of a text that went through `hide`, is not known."""
    return _TOKEN.search(text) is not None


def show(text: str, holes: tuple[str, ...]) -> str:
    """The text with its holes as they were written."""
    return _TOKEN.sub(lambda match: holes[int(match[1])] if int(match[1]) < len(holes) else match[0], text)
