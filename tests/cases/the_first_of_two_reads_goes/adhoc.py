# %%
import pandas as pd

# %%
stocks = pd.read_csv("data/stocks_by_symbol_and_day_2005_to_2015_clean.csv")
stocks.groupby("symbol").size()

# %%
close = pd.read_csv("data/stocks_by_symbol_and_day_2005_to_2015_clean.csv", usecols=["symbol", "close"], index_col="symbol")
volume = pd.read_csv("data/stocks_by_symbol_and_day_2005_to_2015_clean.csv", usecols=["symbol", "volume"], index_col="symbol")

# %%
close.join(volume).groupby("symbol").mean()
