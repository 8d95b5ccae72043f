# %%
import pandas as pd

# %%
sales[sales["region"] == REGION].to_csv("totals.csv")

# %%
sales = pd.read_csv("sales.csv")
REGION = "north"
