"""Functions that came out of notebooks/adhoc/cash.ipynb."""

import numpy as np
import pandas as pd

def factor(days: float, *, DAYS: int, RATE: float) -> float:
    """What a unit of money in `days` days is worth today."""
    return (1 + RATE) ** (-days / DAYS)


def present_value(amounts, days, *, DAYS, RATE):
    return float(np.sum(amounts * factor(days, DAYS=DAYS, RATE=RATE)))


def monthly(frame: pd.DataFrame, column: str = "amount") -> pd.DataFrame:
    """Sums by month and customer."""
    frame = frame.assign(month=frame["date"].dt.to_period("M"))
    out = frame.groupby(["customer", "month"], as_index=False)[column].sum()
    return out.sort_values(["customer", "month"]).reset_index(drop=True)


def late(frame, limit=30):
    delays = (frame["paid"] - frame["due"]).dt.days
    return frame[delays.gt(limit) & frame["amount"].gt(0)]
