"""Dates and moments."""

import datetime as dt
import re

from commonlib.parameters.problem import ParameterError, bounds, plain, within

_OUTSIDE = ("before", "after")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9:]+)?")


def date(
    name: str, value: object, *, earliest: dt.date | str | None = None, latest: dt.date | str | None = None
) -> dt.date:
    """A day of the calendar, from a date or from text as ISO 8601 writes it: 1997-09-30."""
    low, high = _day(earliest), _day(latest)
    fits = f"give a date{bounds(low, high, _OUTSIDE)} as year-month-day, such as {low or high or '1997-09-30'}"
    found = plain(value)
    if isinstance(found, dt.datetime) or (isinstance(found, str) and _TIMESTAMP.fullmatch(found.strip())):
        raise ParameterError(name, value, "is a date with a time of day", f"give the date alone, {str(found)[:10]}")
    if isinstance(found, str):
        found = _parse(name, value, found.strip(), fits)
    if not isinstance(found, dt.date):
        raise ParameterError(name, value, "is not a date" if found is not None else "is not set", fits)
    return within(name, value, found, minimum=low, maximum=high, kind="a date", outside=_OUTSIDE)


def date_text(
    name: str, value: object, *, earliest: dt.date | str | None = None, latest: dt.date | str | None = None
) -> str:
    """A day of the calendar that stays text, for a notebook that uses it as text."""
    return date(name, value, earliest=earliest, latest=latest).isoformat()


def timestamp(
    name: str, value: object, *, earliest: dt.datetime | str | None = None, latest: dt.datetime | str | None = None
) -> dt.datetime:
    """A moment with its time zone, from a datetime or from text: `1997-09-30T18:00`, `1997-09-30 18:00:00+02:00`.

    Without a time zone it is taken as UTC, the time zone of the Spark session.
    """
    low = None if earliest is None else timestamp("earliest", earliest)
    high = None if latest is None else timestamp("latest", latest)
    fits = f"give a moment{bounds(low, high, _OUTSIDE)}, such as 1997-09-30T18:00:00+00:00"
    found = plain(value)
    if isinstance(found, str):
        if not _TIMESTAMP.fullmatch(found.strip()):
            problem = "is a date without a time of day" if _DATE.fullmatch(found.strip()) else "is not a moment in time"
            raise ParameterError(name, value, problem, fits)
        try:
            found = dt.datetime.fromisoformat(found.strip())
        except ValueError as error:
            raise ParameterError(name, value, f"does not exist ({error})", fits) from error
    if not isinstance(found, dt.datetime):
        problem = "is a date without a time of day" if isinstance(found, dt.date) else "is not a moment in time"
        raise ParameterError(name, value, problem if found is not None else "is not set", fits)
    moment = found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
    return within(name, value, moment, minimum=low, maximum=high, kind="a moment", outside=_OUTSIDE)


def _day(limit: dt.date | str | None) -> dt.date | None:
    return dt.date.fromisoformat(limit) if isinstance(limit, str) else limit


def _parse(name: str, given: object, written: str, fits: str) -> dt.date:
    if not _DATE.fullmatch(written):
        raise ParameterError(name, given, "is not a date" if written else "is empty", fits)
    try:
        return dt.date.fromisoformat(written)
    except ValueError as error:
        raise ParameterError(name, given, f"is no day of the calendar ({error})", fits) from error
