# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: nbpromote,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   nbpromote:
#     parameters: []
#     results:
#     - shown by plt.show()
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 35c0b7bcdae50372898b29a19a1c750bb2d7a243ec53e876022c83b441e70ad1
#     version: 0.1.0
# ---

# %% [markdown]
# # Shops

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
pd.set_option("display.max_columns", 20)
plt.style.use("seaborn-v0_8-whitegrid")

# %%
shops = pd.DataFrame({"town": list("abcabc"), "sales": np.arange(6).astype(float)})
more = pd.DataFrame({"town": ["d"], "sales": [7.0]})

# %%
shops = pd.concat([shops, more], ignore_index=True)
large = shops.loc[shops["sales"] > 2, "town"]  # by label
for name, column in shops.items():
    print(name, len(column))

# %%
train, test = train_test_split(shops, random_state=3)

# %%
ax = train["sales"].hist(density=True)
plt.show()
