"""A bundle held against the vendor's schema, which the user supplies: it is licensed, and none is shipped."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from nbpromote.publish.databricks.checks import Problem


def find_unfit(schema: object, documents: Mapping[str, object]) -> tuple[Problem, ...]:
    """Where these documents do not fit the schema.

    Raises:
        ValueError: it is no schema.
    """
    from jsonschema import SchemaError, validators  # type: ignore[import-untyped]

    if not isinstance(schema, dict | bool):
        raise ValueError("neither an object nor true or false")
    plain = _plain(schema)
    kind = validators.validator_for(plain)
    try:
        kind.check_schema(plain)
    except SchemaError as error:
        raise ValueError(error.message) from error
    validator = kind(plain)
    found = []
    for path, document in documents.items():
        for unfit in validator.iter_errors(document):
            best = unfit
            while best.context:
                best = max(best.context, key=lambda one: len(one.absolute_path))
            place = ".".join(str(part) for part in best.absolute_path)
            found.append(Problem(path, f"{place or 'the file'}: {best.message[:200]}", "see the schema"))
    return tuple(sorted(set(found)))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _inner(key, one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _inner(key: str, value: object) -> object:
    if key == "pattern" and isinstance(value, str):
        return pattern_of(value)
    if key == "patternProperties" and isinstance(value, dict):
        return {pattern_of(name): _plain(one) for name, one in value.items()}
    return _plain(value)


def pattern_of(pattern: str) -> str:
    """A pattern of the schema as Python's `re` reads it, which knows no classes by name: `\\p{L}` by its characters."""
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterator[str]:
    is_class = False
    for piece in re.findall(r"\\[pP](?:\{\^?\w+\}|\w)|\\.|.", pattern, re.S):
        if named := re.fullmatch(r"\\([pP])\{?(\^?)(\w+)\}?", piece):
            characters = _characters(named[3], is_other=(named[1] == "P") != bool(named[2]))
            yield characters if is_class else f"[{characters}]"
            continue
        is_class = piece == "[" or (is_class and piece != "]")
        yield piece


@cache
def _characters(category: str, *, is_other: bool) -> str:
    """The characters of a general category (L, Lu, Nd), or all others, as ranges of a class."""
    spans: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)).startswith(category) != is_other:
            if spans and spans[-1][1] == code - 1:
                spans[-1][1] = code
            else:
                spans.append([code, code])
    if not spans:
        raise ValueError(f"\\p{{{category}}} is no class of Unicode that is known here")
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in spans)
