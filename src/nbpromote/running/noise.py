"""What differs between two good runs of the same notebook: clocks, addresses, paths, progress; and float noise."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

_STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d|\ (?:UTC|[A-Z]{2,4}T)\b)?")
_LINES = re.compile(
    r"""^(?:
      \d\d/\d\d/\d\d\ \d\d:\d\d:\d\d\ (?:TRACE|DEBUG|INFO|WARN|ERROR)\b.*   # Spark's log
    | .*\[Stage\ \d+:.*                                                      # its progress
    | Setting\ default\ log\ level\ to.* | To\ adjust\ logging\ level\ use.*
    | WARNING:\ Using\ incubator\ modules.* | Picked\ up\ (?:_JAVA_OPTIONS|JAVA_TOOL_OPTIONS).*
    | Using\ Spark's\ default\ log4j\ profile.*
    | \s*CPU\ times:.* | \s*Wall\ time:.* | .*\d+%\|.*\|.*                   # %%time, tqdm
    )(?:\n|\Z)""",
    re.MULTILINE | re.VERBOSE,
)
MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "<address>"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "<hash>"),
    (re.compile(r"\battempt=[\w-]+"), "attempt=<id>"),
    (re.compile(r"(?<=\bversion )\d+\b"), "<version>"),
    (re.compile(r"(?:file:)?/tmp/[\w./=-]+"), "<temporary>"),
    (re.compile(r"(?<=[A-Za-z_)])#\d+L?\b"), "#<id>"),  # Spark's expression ids
    (re.compile(r"\bT_[0-9a-f]{5}(?=[_ \"'])"), "T_<id>"),  # pandas' styled tables
    (re.compile(r"(?<=\bpid )\d+\b"), "<pid>"),
    (
        re.compile(r"(?<=\b)((?:took|in|after|elapsed:?|duration:?) )\d+(?:\.\d+)? ?(?:ms|µs|s|sec|seconds|min)\b"),
        r"\1<duration>",
    ),
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)")
_MANY_DIGITS = 6


def mask(text: str, *, now: datetime, places: Mapping[str, str]) -> str:
    """The text without noise.

    Args:
        now: when it was made; times of that day and its neighbours are clocks, other times are data.
        places: absolute paths and what to call them, such as the repository's root.
    """
    text = _LINES.sub("", text)
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    days = {(now + timedelta(days=shift)).date().isoformat() for shift in (-1, 0, 1)}
    text = _STAMP.sub(lambda found: "<time>" if found[1] in days else found[0], text)
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def settle(reference: str, computed: str, *, tolerance: float) -> str:
    """The reference's text where the computed one differs from it only by float noise, else the computed text.

    Integers are exact. A number shown with six digits or more may also differ by one in its last digit, where noise
    turns a rounding.
    """
    if reference == computed or _NUMBER.sub("0", _even(reference)) != _NUMBER.sub("0", _even(computed)):
        return computed
    pairs = zip(_NUMBER.findall(reference), _NUMBER.findall(computed), strict=True)
    return reference if all(_is_close(one, other, tolerance) for one, other in pairs) else computed


def _even(text: str) -> str:
    """Without the padding that tables take from their numbers' widths."""
    return re.sub(r"[ \t]+|-{2,}", " ", text)


def _is_close(one: str, other: str, tolerance: float) -> bool:
    if one == other:
        return True
    if not any(mark in one + other for mark in ".eE"):
        return False
    first, second = float(one), float(other)
    if math.isclose(first, second, rel_tol=tolerance):
        return True
    digits = len(re.sub(r"[eE].*|\D", "", one).lstrip("0"))
    decimals = len(one.partition(".")[2])
    is_plain = "e" not in (one + other).lower() and decimals == len(other.partition(".")[2])
    return is_plain and digits >= _MANY_DIGITS and abs(first - second) < 1.5 * 10**-decimals
