# %%
import pandas as pd

# %%
sales = pd.read_csv("sales.csv")
sales["share"] = sales["amount"] / total
sales.to_csv("shares.csv", index=False)
