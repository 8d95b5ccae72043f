"""A bundle held against the vendor's schema, which the user supplies: it is licensed, and none is shipped."""

import re
from collections.abc import Iterator, Mapping

from nbpromote.publish.databricks.checks import Problem

# Python's `re` has no classes of Unicode by name.
_CLASSES = {"L": "a-zA-Z\u00aa-\u02ff\u0370-\ud7ff\uf900-\ufffd", "N": "0-9\u00b2\u00b3\u00b9\u0660-\u0669"}


def find_unfit(schema: object, documents: Mapping[str, object]) -> tuple[Problem, ...]:
    """Where these documents do not fit the schema."""
    from jsonschema import validators  # type: ignore[import-untyped]

    plain = _plain(schema)
    validator = validators.validator_for(plain if isinstance(plain, dict | bool) else {})(plain)
    found = []
    for path, document in documents.items():
        for error in validator.iter_errors(document):
            best = error
            while best.context:
                best = max(best.context, key=lambda one: len(one.absolute_path))
            place = ".".join(str(part) for part in best.absolute_path)
            found.append(Problem(path, f"{place or 'the file'}: {best.message[:200]}", "see the schema"))
    return tuple(sorted(set(found)))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: pattern_of(one) if key == "pattern" and isinstance(one, str) else _plain(one)
            for key, one in value.items()
        }
    return [_plain(one) for one in value] if isinstance(value, list) else value


def pattern_of(pattern: str) -> str:
    """A pattern of the schema as Python reads it: `\\p{L}` and its like by their characters."""
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterator[str]:
    is_class = False
    for piece in re.findall(r"\\[pP]\{\w+\}|\\.|.", pattern, re.S):
        if named := re.fullmatch(r"\\p\{(\w)\w*\}", piece):
            characters = _CLASSES.get(named[1], "\u0000-\uffff")
            yield characters if is_class else f"[{characters}]"
            continue
        is_class = piece == "[" or (is_class and piece != "]")
        yield piece
