"""Moments that people name to read data as it was. Standard library only."""

import datetime

from commonlib.lake.errors import BadMoment


def parse(moment: str | datetime.datetime) -> datetime.datetime:
    """The moment, which must say its time zone: a datetime that has one, or ISO 8601 text. Raises BadMoment.

    A date alone is no moment: it begins and ends at other times elsewhere.
    """
    if isinstance(moment, str):
        try:
            found = datetime.datetime.fromisoformat(moment.strip())
        except ValueError:
            raise BadMoment(moment, "is no time in ISO 8601") from None
    elif isinstance(moment, datetime.datetime):
        found = moment
    else:
        raise BadMoment(moment, f"is a {type(moment).__name__}, not a time")
    if found.utcoffset() is None:
        raise BadMoment(moment, "does not say its time zone")
    return found
