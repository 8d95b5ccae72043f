# %% [markdown]
# # Cash, by month

# %%
import numpy
import pandas as pd

rate = 0.1  # per year
DAYS = 365

# %%
# today's worth of money
def discount(d):
    return (1 + rate) ** (-d / DAYS)


def present_value(xs, d):
    "worth of all of it"
    return float(numpy.sum(xs * discount(d)))

# %%
def by_month(df, col="amount"):
    # one row a month
    df = df.assign(month=df["date"].dt.to_period("M"))
    result = df.groupby(["customer", "month"], as_index=False)[col].sum()
    return result.sort_values(["customer", "month"]).reset_index(drop=True)


def late(frame, limit=30):
    delays = (frame["paid"] - frame["due"]).dt.days
    return frame[delays.ge(limit) & frame["amount"].gt(0)]


def doubled(df):
    return by_month(df=df, col="amount").assign(amount=lambda t: t["amount"] * 2)

# %%
payments = pd.read_csv("payments.csv", parse_dates=["date", "due", "paid"])
worth = present_value(d=payments["days"], xs=payments["amount"])
late(payments)

# %%
doubled(payments)

# %%
worth
