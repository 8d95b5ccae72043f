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
#     - shown by print(cl.nearest(points, 4), spread(points) / UNIT, dista...
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 0764482884df655f0e6f3be700e1a344b119b5037ae504dfdbc00ee2251c10f4
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import clusters as cl, distances
from commonlib.scales import UNIT
from commonlib.story import spread

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
points = pd.Series([1, 5, 9])

# %%
print(cl.nearest(points, 4), spread(points) / UNIT, distances.absolute(points, 2).sum())
