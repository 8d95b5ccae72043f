"""Functions that came out of notebooks/adhoc/story.py."""


def share(part, whole):
    """The share of a part in the whole; nothing of nothing is nothing."""
    return part / whole if whole else 0.0


def rounded(values, *, DIGITS):
    return values.round(DIGITS)
