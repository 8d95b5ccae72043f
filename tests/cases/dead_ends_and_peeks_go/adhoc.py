# %% [markdown]
# # Stock by warehouse
#
# Quick look for the inventory meeting.

# %%
%matplotlib inline
%pip install -q tabulate
import os
import pandas as pd
import matplotlib.pyplot as plt

# %%
stock = pd.read_csv("stock.csv")
stock[:5]

# %%
stock.head()

# %%
stock.shape, stock.warehouse.nunique()

# %% [markdown]
# ## First idea
#
# by pivot, gets ugly

# %%
pivot = stock.pivot_table(index="warehouse", values="units")
pivot

# %% [markdown]
# ## By group

# %%
by_warehouse = stock.groupby("warehouse", as_index=False)["units"].sum()
by_warehouse.head()

# %%
%%time
# largest first
ranking = by_warehouse.sort_values(["units", "warehouse"], ascending=[False, True])
ranking
