"""Partitions as folders: what Hive calls `run_date=1997-09-30`, with each value's one spelling. Standard library only.

A null is spelled as Hive and every reader of it has it. The empty text has no spelling there (Spark makes a null of it,
and refuses a folder without a value); here it is EMPTY, which plain readers get as that text.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from commonlib.lake.errors import BadName

NULL = "__HIVE_DEFAULT_PARTITION__"
EMPTY = "__EMPTY__"

_COLUMN = re.compile(r"[^\W\d_]\w{0,99}")
# Hive's list of what must not stand in a folder's name, as Spark's ExternalCatalogUtils.escapePathName has it, and what
# Hadoop (}) and Windows (<>|) take for something else.
_ESCAPED = frozenset({*map(chr, range(1, 0x20)), "\x7f", *"\"#%'*/:=?\\{[]^}<>|"})
_WHOLE = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_DECIMAL = "decimal(38,18)"
_BYTES = 240  # of the 255 that file systems take for a name


@dataclass(frozen=True, slots=True)
class PartitionValue:
    """One partition column of a write, with its value as text and the type that readers get it in; None is null."""

    name: str
    type: str
    text: str | None

    @property
    def folder(self) -> str:
        return f"{self.name}={spell(self.text)}"


def partition_values(
    partition: Mapping[str, object], known: Mapping[str, str] | None = None
) -> tuple[PartitionValue, ...]:
    """The partition in the order given, with types; `known` types of the dataset are kept where the value fits.

    Text stays text, dates are dates; booleans, integers, decimals and times the same. A null whose type is not known is
    a null of text. Raises BadName for a value that has no one spelling, such as a float.
    """
    return tuple(_value(name, value, (known or {}).get(name)) for name, value in partition.items())


def needs_known(partition: Mapping[str, object]) -> bool:
    """Whether the values alone do not say which types they have."""
    return any(value is None or isinstance(value, int | Decimal) for value in partition.values())


def check_column(name: str) -> str:
    """The name, fit to stand in folders' names for any reader. Raises BadName."""
    if not _COLUMN.fullmatch(name):
        raise BadName(f"{name!r} cannot name a partition column; begin with a letter, and use letters, digits and '_'")
    return name


def spell(text: str | None) -> str:
    """The value as it stands in a folder's name."""
    return NULL if text is None else escape(text) or EMPTY


def parse(spelled: str) -> str | None:
    """The value that `spell` was given."""
    return None if spelled == NULL else "" if spelled == EMPTY else unescape(spelled)


def values_of(slot: str) -> dict[str, str | None]:
    """The partition columns of a file with their values, by its place within its attempt."""
    folders = (part.partition("=") for part in slot.split("/")[:-1])
    return {name: parse(spelled) for name, is_value, spelled in folders if is_value}


def shown(text: str | None) -> str:
    """The value as people see it beside others: null and empty told apart."""
    return "null" if text is None else text or '""'


def shown_slot(slot: str) -> str:
    """The folders of a partition as people see them: `run_date=1997-09-30/country=null`."""
    return "/".join(f"{name}={shown(text)}" for name, text in values_of(f"{slot}/").items()) or slot


def escape(text: str) -> str:
    """The text as Hive spells it in a folder's name; readers undo it."""
    return "".join(f"%{ord(character):02X}" if character in _ESCAPED else character for character in text)


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def _value(name: str, value: object, known: str | None) -> PartitionValue:
    check_column(name)
    if getattr(getattr(value, "dtype", None), "kind", "") in {"b", "i", "u"} and hasattr(value, "item"):
        value = value.item()  # one of NumPy's
    match value:
        case None:
            kind, text = known or "string", None
        case bool():
            kind, text = "boolean", str(value).lower()
        case str():
            kind, text = "string", _text(name, str(value))
        case int():
            kind, text = _whole(name, value, known), str(value)
        case Decimal():
            kind, text = _decimal(name, value, known)
        case datetime.datetime() if type(value).__name__ != "NaTType":  # pandas has a time that is none
            kind, text = _moment(name, value)
        case datetime.date() if not isinstance(value, datetime.datetime):
            kind, text = "date", value.isoformat()
        case _:
            raise BadName(
                f"partition {name}={value!r}: a partition value is text, a date, a time, an integer, a decimal, "
                f"a boolean or None, not {type(value).__name__}"
            )
    return PartitionValue(name, kind, text)


def _text(name: str, text: str) -> str:
    if text in {NULL, EMPTY}:
        raise BadName(f"partition {name}={text!r}: this is how a null or the empty text is spelled; use another value")
    try:
        size = len(f"{name}={escape(text)}".encode())
    except UnicodeEncodeError:
        raise BadName(f"partition {name}={text[:40]!r}: holds half a character, which no file's name can") from None
    if "\0" in text or size > _BYTES:
        raise BadName(
            f"partition {name}={text[:40]!r}: a partition value is up to about 200 bytes in a folder's name, "
            f"without NUL; this has {len(text):,} characters in {size:,} bytes"
        )
    return text


def _whole(name: str, value: int, known: str | None) -> str:
    if not -(2**63) <= value < 2**63:
        raise BadName(f"partition {name}={value}: an integer in a partition has at most 64 bits; give it as text")
    bits = _WHOLE.get(known or "", 64)
    return known if known in _WHOLE and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else "bigint"


def _decimal(name: str, value: Decimal, known: str | None) -> tuple[str, str]:
    for kind in filter(None, (known, _DECIMAL)):
        if (found := re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)) and value.is_finite():
            precision, scale = int(found[1]), int(found[2])
            whole, _, fraction = f"{abs(value) if value.is_zero() else value:f}".partition(".")
            fraction = fraction.rstrip("0")
            if len(fraction) <= scale and len(whole.lstrip("-0")) <= precision - scale:
                # All digits of the type: Spark 4.3 reads 0.5 as 0.05 where the type is decimal(10,2).
                return kind, f"{whole}.{fraction:0<{scale}}" if scale else whole
    raise BadName(
        f"partition {name}={value}: a decimal in a partition has up to 20 digits, and 18 after the point; "
        "give it as text"
    )


def _moment(name: str, value: datetime.datetime) -> tuple[str, str]:
    if getattr(value, "nanosecond", 0):
        raise BadName(f"partition {name}={value}: a time in a partition is of whole microseconds; round it")
    is_moment = value.utcoffset() is not None
    plain = (value.astimezone(datetime.UTC) if is_moment else value).replace(tzinfo=None)
    text = datetime.datetime.isoformat(plain, sep=" ")
    text = text.rstrip("0") if "." in text else text
    return ("timestamp", f"{text}Z") if is_moment else ("timestamp_ntz", text)
