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
#     - LIMIT
#     results:
#     - shown by late.groupby("region").size()
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 2fc8dd70ebd74bcafa3fcb8096b79d3acb22c4236f5ffe69f70da16881544d47
#     version: 0.1.0
# ---

# %% [markdown]
# # Late shipments

# %%
import pandas as pd

from commonlib import parameters
from commonlib.story import is_late

# %% tags=["parameters"]
LIMIT: int = 7  # days until a shipment counts as late

# %%
LIMIT = parameters.integer("LIMIT", LIMIT)

# %%
orders = pd.DataFrame({"days": [1, 9, 4, 12], "region": ["n", "s", "n", "s"]})

# %%
late = orders[is_late(orders["days"], LIMIT=LIMIT)]

# %%
late.groupby("region").size()
