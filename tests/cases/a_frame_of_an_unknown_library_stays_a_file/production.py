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
#     - derived/north
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 6fd8c9a33c3c8f4f6171656e482f44ad08731fac11ddc2a5ed183293a9d47a06
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from somewhere import load

from commonlib import lake

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
frame = load("north")

# %%
with lake.write_file("derived/north", "north.parquet") as path:
    frame.to_parquet(path)
