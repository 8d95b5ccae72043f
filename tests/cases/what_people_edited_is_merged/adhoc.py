# %% [markdown]
# # Share of sales

# %%
import pandas as pd

sales = pd.read_csv("sales.csv")

# %%
WORST = 1.0  # regions below are left out
DIGITS = 2  # of the share

# %%
def share(part, whole):
    return part / whole


def rounded(values):
    return values.round(DIGITS)

# %%
totals = sales.groupby("region", as_index=False)["amount"].sum()
totals = totals[totals["amount"] >= WORST]
totals["share"] = rounded(share(totals["amount"], totals["amount"].sum()))

# %%
totals.to_csv("totals.csv", index=False)
