# %%
import pandas as pd

# %%
stocks = pd.read_csv("data/stocks.csv")
stocks.groupby("symbol").size()

# %%
close = pd.read_csv("data/stocks.csv", usecols=["symbol", "close"], index_col="symbol")
volume = pd.read_csv("data/stocks.csv", usecols=["symbol", "volume"], index_col="symbol")

# %%
close.join(volume).groupby("symbol").mean()
