# %%
import pandas as pd

# %%
START = "2024-01-01"  # first day that counts
sales = pd.read_csv("sales.csv")
rates = pd.read_csv("rates.csv", header=None)
rates.columns = ["region", "rate"]
pieces = pd.read_csv("big.csv", chunksize=1000)
tables = pd.read_html("tables.html")

# %%
sales["units"] = sales["count"].astype(int)
if "note" in sales.columns:
    print(sales["note"].nunique())
recent = sales[sales["day"] >= START]
joined = recent.merge(rates[["region", "rate"]], on="region")
joined["value"] = joined["units"] * joined["rate"]
joined.groupby("region")["value"].sum() + len(tables) + sum(len(piece) for piece in pieces)
