# %% [markdown]
# # Monthly revenue

# %%
import pandas as pd

# %%
START = "2024-01-01"  # first day that counts
END = "2024-06-30"    # last day that counts
MIN_AMOUNT = 10.5
TOP_N = 5
REGIONS = ["north", "south"]
DATE_COLUMN = "day"

# %%
# rows of a region that are enough
MIN_ROWS = 2

# sales of all regions
sales = pd.read_csv("data/sales.csv", parse_dates=[DATE_COLUMN])

# %%
chosen = sales[(sales[DATE_COLUMN] >= START) & (sales[DATE_COLUMN] <= END)]
chosen = chosen[chosen["amount"] >= MIN_AMOUNT]
chosen = chosen[chosen["region"].isin(REGIONS)]
chosen = chosen.groupby("region").filter(lambda rows: len(rows) >= MIN_ROWS)

# %%
revenue = chosen.groupby("region")["amount"].sum().nlargest(TOP_N)
revenue
