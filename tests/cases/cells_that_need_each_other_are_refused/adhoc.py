# %%
import pandas as pd

# %%
prices = pd.read_csv("prices.csv").merge(rates, on="currency")

# %%
rates = prices.groupby("currency", as_index=False)["rate"].mean()

# %%
prices.merge(rates, on="currency").to_csv("priced.csv", index=False)
