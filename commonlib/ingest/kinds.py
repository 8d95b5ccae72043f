"""What a cell of text is, by its spelling alone, so that nothing is lost when it becomes a value of that kind."""

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
# In this order; the first that fits is the kind. A number spelled with a leading zero or a plus is a code: text.
PATTERNS: Mapping[str, str] = {
    "integer": r"-?(0|[1-9][0-9]*)",
    "decimal": r"-?(0|[1-9][0-9]*)?\.[0-9]+",
    "scientific": r"-?[0-9]+(\.[0-9]+[eE][+-]?|[eE][+-])[0-9]{1,3}",
    "boolean": r"(?i:true|false)",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamp_ntz": _TIME,
    "timestamp": _TIME + r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)",
    "code": r"[+-]?0[0-9]+|\+[0-9]+",
    "ambiguous date": r"[0-9]{1,2}([/.-])[0-9]{1,2}[/.-]([0-9]{4}|[0-9]{2})( .*)?",
    "comma": r"-?[0-9]+,[0-9]+|-?[0-9]{1,3}((,[0-9]{3})+(\.[0-9]+)?|([. ][0-9]{3})+,[0-9]+)",
    "empty": "",
}
_WORDS = {
    "integer": ("an integer", "integers"),
    "decimal": ("a decimal number", "decimal numbers"),
    "scientific": ("a number in scientific notation", "numbers in scientific notation"),
    "boolean": ("true or false", "times true or false"),
    "date": ("a date", "dates"),
    "timestamp_ntz": ("a time without zone", "times without zone"),
    "timestamp": ("a time with zone", "times with zone"),
    "code": ("digits behind a zero or plus", "digits behind a zero or plus"),
    "ambiguous date": ("what may be a date", "what may be dates"),
    "comma": ("a number with a comma", "numbers with commas"),
    "empty": ("an empty text", "empty texts"),
    "text": ("text", "other texts"),
}
_TIMES = {"date": pa.date32(), "timestamp_ntz": pa.timestamp("us"), "timestamp": pa.timestamp("us", tz="UTC")}
_TYPED = re.compile("|".join(f"(?:{PATTERNS[kind]})" for kind in PATTERNS if kind not in ("empty", "code", "comma")))


def words(kind: str, count: int = 1) -> str:
    """The kind as a person says it."""
    one, many = _WORDS[kind]
    return one if count == 1 else many


def looks_typed(cell: str) -> bool:
    """Whether the cell is spelled as something else than a text."""
    return _TYPED.fullmatch(cell) is not None


def split(cells: pa.StringArray) -> dict[str, pa.BooleanArray]:
    """Which of the cells are of which kind; absent ones are of none."""
    found: dict[str, pa.BooleanArray] = {}
    left = pc.is_valid(cells)
    for kind, pattern in PATTERNS.items():
        fits = pc.and_(left, pc.fill_null(pc.match_substring_regex(cells, rf"\A(?:{pattern})\z"), False))
        if kind in _TIMES and pc.any(fits).as_py():
            fits = _existing(cells, fits, _TIMES[kind])
        if kind == "scientific" and pc.any(fits).as_py():
            fits = pc.fill_null(pc.is_finite(pc.cast(pc.if_else(fits, cells, None), pa.float64())), False)
        if pc.any(fits).as_py():
            found[kind] = fits
            left = pc.and_not(left, fits)
        if not pc.any(left).as_py():
            return found
    return {**found, "text": left}


def _existing(cells: pa.StringArray, fits: pa.BooleanArray, kind: pa.DataType) -> pa.BooleanArray:
    """Of the cells that are spelled like times, those that there are: no 30 February."""
    try:
        pc.cast(pc.if_else(fits, cells, None), kind)
    except pa.ArrowInvalid:
        encoded = pc.if_else(fits, cells, None).dictionary_encode()
        is_time = pa.array([_is(text, kind) for text in encoded.dictionary.to_pylist()], pa.bool_())
        return pc.fill_null(is_time.take(encoded.indices), False)
    return fits


def _is(text: str, kind: pa.DataType) -> bool:
    try:
        pa.scalar(text).cast(kind)
    except pa.ArrowInvalid:
        return False
    return True
