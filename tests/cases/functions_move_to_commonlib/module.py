"""Functions that came out of notebooks/adhoc/story.py."""

import numpy as np


# money later is worth less
def factor(days, *, DAYS, RATE):
    """What a unit of money in `days` days is worth today."""
    return (1 + RATE) ** (-days / DAYS)


def present_value(
    amounts,
    days, *, DAYS, RATE  # from today
):
    return float(np.sum(amounts * factor(days, DAYS=DAYS, RATE=RATE)))
