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
#     - FOLDER
#     results:
#     - shown by SVG("images/shop.svg")
#     - shown by print("parts/a.txt", first, np.loadtxt("parts/a.txt") / t...
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: d5eb760659ccfd726a47f0fe8fa5466873ca510112fb51bdce4210a41c36d633
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from glob import glob

import numpy as np
from IPython.display import SVG

from commonlib import parameters

# %% tags=["parameters"]
FOLDER: "path" = "notebooks/adhoc/parts/"

# %%
FOLDER = parameters.text("FOLDER", FOLDER)

# %%
first = open(FOLDER + "b.txt").read()

# %%
SVG("notebooks/adhoc/images/shop.svg")

# %%
parts = sorted(glob("notebooks/adhoc/parts/*.txt"))
total = sum(int(np.loadtxt(part)) for part in parts)
print("parts/a.txt", first, np.loadtxt("notebooks/adhoc/parts/a.txt") / total, np.loadtxt("notebooks/adhoc/parts/a.txt", dtype=int, ndmin=1))
