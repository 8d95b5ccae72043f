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
#     parameters:
#     - n
#     results:
#     - shown by frame
#     - shown by dbutils.notebook.exit(str(len(frame)))
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 757d1cfd7a91bc3b3bb9093c57cdf8c40eb8c3507822d1dcd74d0bd0cef067b9
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import parameters
from commonlib.dbutils import dbutils

# %% tags=["parameters"]
n: int = 3

# %%
n = parameters.integer("n", n)

# %%
token = dbutils.secrets.get("scope", "key")

# %%
frame = pd.DataFrame({"a": range(n), "token_length": len(token)})
frame

# %%
dbutils.notebook.exit(str(len(frame)))
