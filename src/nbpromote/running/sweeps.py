"""Many values of one parameter, said in few words: `1998-01-01..1998-06-01/month`, `0..1/0.25`, `a,b,c`."""

import calendar
import csv
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from nbpromote.running.fitting import Injected, Unfit, from_words
from nbpromote.running.kinds import Kind, Type

MOST = 100_000
_RANGE = re.compile(r"(.+?)\.\.(.+?)(?:/(.+))?")
_STEP = re.compile(r"(\d*)\s*(hour|day|week|month|quarter|year)s?", re.IGNORECASE)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_TIMES, _NUMBERS = (Kind.DATE, Kind.DATETIME), (Kind.INT, Kind.FLOAT, Kind.DECIMAL)


def expand(words: str, wanted: Type) -> tuple[Injected, ...]:
    """The values that the words of a sweep say, each of the parameter's type, in order.

    A range has both its ends in it, if a step falls there. Months are counted from the first day: from the 31st they go
    by the last days of the shorter ones. Where the parameter is a list, `;` parts the values.

    Raises:
        Unfit: they say none, or too many.
    """
    text = words.strip()
    found = _RANGE.fullmatch(text)
    if found and wanted.kind in _TIMES and not wanted.choices:
        return tuple(_moments(*found.groups(), wanted=wanted))
    if found and wanted.kind in _NUMBERS and not wanted.choices:
        return tuple(_numbers(*found.groups(), wanted=wanted))
    is_list = wanted.kind is Kind.LIST
    items = text.split(";") if is_list else next(csv.reader([text], skipinitialspace=True), [])
    if not text or not items:
        raise Unfit("it has no values; write a,b,c or FIRST..LAST/STEP")
    return tuple(from_words(item.strip(), wanted) for item in items)


def _moments(first: str, last: str, step: str | None, *, wanted: Type) -> Iterator[Injected]:
    begin, end = (datetime.fromisoformat(str(from_words(one.strip(), wanted))) for one in (first, last))
    said = _STEP.fullmatch((step or "day").strip())
    if said is None or (said[2].lower() == "hour" and wanted.kind is Kind.DATE):
        units = "day, week, month, quarter or year" if wanted.kind is Kind.DATE else "hour, day, week, month or year"
        raise Unfit(f"{step!r} is no step; write {units}, or a number of them such as 2weeks")
    count, unit = int(said[1] or 1), said[2].lower()
    _check(begin <= end and count > 0, first, last)
    for number in range(MOST + 1):
        moment = _after(begin, number * count, unit)
        if moment > end:
            return
        yield moment.date().isoformat() if wanted.kind is Kind.DATE else moment.isoformat()
    raise Unfit(f"these are more than {MOST:,} values")


def _after(begin: datetime, count: int, unit: str) -> datetime:
    if unit in _SPANS:
        return begin + count * _SPANS[unit]
    months = begin.year * 12 + begin.month - 1 + count * _MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    return begin.replace(year=year, month=month, day=min(begin.day, calendar.monthrange(year, month)[1]))


def _numbers(first: str, last: str, step: str | None, *, wanted: Type) -> Iterator[Injected]:
    begin, end = (Decimal(str(from_words(one.strip(), wanted))) for one in (first, last))
    if step is None and wanted.kind is not Kind.INT:
        raise Unfit("a range of such numbers needs a step, such as 0..1/0.25")
    try:
        by = Decimal((step or "1").strip())
    except InvalidOperation:
        raise Unfit(f"{step!r} is no step; write a number above 0") from None
    _check(begin <= end and by.is_finite() and by > 0, first, last)
    if (end - begin) / by > MOST:
        raise Unfit(f"these are more than {MOST:,} values")
    for number in range(int((end - begin) / by) + 1):  # exactly: 0.1 + 0.2 is 0.3 here
        yield from_words(str(begin + number * by), wanted)


def _check(is_fine: bool, first: str, last: str) -> None:
    if not is_fine:
        raise Unfit(
            f"no step leads from {first.strip()} to {last.strip()}; write the smaller first, and a step above 0"
        )
