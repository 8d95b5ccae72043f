"""Functions that came out of notebooks/adhoc/story.py."""

from commonlib.cash import monthly as by_month


def late(frame, limit=30):
    delays = (frame["paid"] - frame["due"]).dt.days
    return frame[delays.ge(limit) & frame["amount"].gt(0)]


def doubled(df):
    return by_month(frame=df, column="amount").assign(amount=lambda t: t["amount"] * 2)
