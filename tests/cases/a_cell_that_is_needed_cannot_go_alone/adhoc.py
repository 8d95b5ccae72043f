# %%
import pandas as pd

# %%
sales = pd.read_csv("sales.csv")

# %%
sales.groupby("region").sum().to_csv("totals.csv")
