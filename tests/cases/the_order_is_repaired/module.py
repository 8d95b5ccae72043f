"""Functions that came out of notebooks/adhoc/story.py."""


def is_late(days, *, LIMIT):
    return days > LIMIT
