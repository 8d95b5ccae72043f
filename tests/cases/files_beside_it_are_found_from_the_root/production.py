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
#     - shown by SVG("images/shop.svg")
#     - shown by print("parts/a.txt", np.loadtxt("parts/a.txt") / total, n...
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 9c8db5921581198acc534394fda52d029ef44665dadb89d56b0c616c74254679
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from glob import glob

import numpy as np
from IPython.display import SVG

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
SVG("notebooks/adhoc/images/shop.svg")

# %%
parts = sorted(glob("notebooks/adhoc/parts/*.txt"))
total = sum(int(np.loadtxt(part)) for part in parts)
print("parts/a.txt", np.loadtxt("notebooks/adhoc/parts/a.txt") / total, np.loadtxt("notebooks/adhoc/parts/a.txt", dtype=int, ndmin=1))
