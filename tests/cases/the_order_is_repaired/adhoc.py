# %% [markdown]
# # Late shipments

# %%
import pandas as pd

# %%
orders = pd.DataFrame({"days": [1, 9, 4, 12], "region": ["n", "s", "n", "s"]})

# %%
late = orders[is_late(orders["days"])]

# %%
def is_late(days):
    return days > LIMIT

# %%
LIMIT = 7  # days until a shipment counts as late

# %%
late.groupby("region").size()
