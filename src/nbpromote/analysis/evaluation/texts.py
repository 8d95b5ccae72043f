"""Texts that are put together: what is known of them, with the code of the unknown parts in braces."""

import ast
import re
from collections.abc import Mapping, Sequence

from nbpromote.analysis.evaluation.values import NO_OBJECTS, UNKNOWN, Value, constant

# A text that doubles from cell to cell must not fill the memory.
_LONGEST = 200_000
_WIDEST_HOLE = 200
_FIELD = re.compile(r"(\{\{|\}\})|\{(\w*)([^{}\w][^{}]*)?\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d*(?:\.\d+)?[sdifr]")


def hole(node: ast.expr) -> Value:
    """A part that is not known: its code stands for it."""
    text = ast.unparse(node) if sum(1 for _ in ast.walk(node)) < 100 else "..."
    return _outlined(f"{{{re.sub(r'[{}]', '', text)[:_WIDEST_HOLE]}}}")


def added(left: Value, right: Value) -> Value:
    """One text behind the other."""
    if left.text is not None and right.text is not None:
        whole = left.text + right.text
        return constant(whole) if len(whole) <= _LONGEST else Value("str")
    return _outlined(_outline_of(left) + _outline_of(right))


def inserted(text: Value) -> Value:
    """`text % values`."""
    return _outlined(_PERCENT.sub(lambda match: f"{{{match[1] or ''}}}", _outline_of(text)))


def formatted(text: Value, positional: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """`text.format(...)`: plain fields with known values are filled in."""
    if text.text is None:
        return _outlined(text.outline)
    given = dict(named) | {str(index): value for index, value in enumerate(positional)}
    count = 0
    is_known = True

    def fill(match: re.Match[str]) -> str:
        nonlocal count, is_known
        if match[1]:
            return match[1][0]
        name, count = match[2] or str(count), count + (not match[2])
        value = given.get(name)
        if value is None or not value.is_constant or match[3]:
            is_known = False
            return f"{{{match[2]}}}"
        return str(value.constant)

    whole = _FIELD.sub(fill, text.text)
    if len(whole) > _LONGEST:
        return Value("str")
    return constant(whole) if is_known else _outlined(whole)


def _outline_of(value: Value) -> str:
    if value.text is not None:
        return value.text
    return value.outline or "{}"


def _outlined(text: str) -> Value:
    return Value("str", NO_OBJECTS, UNKNOWN, outline=text if len(text) <= _LONGEST else "")
