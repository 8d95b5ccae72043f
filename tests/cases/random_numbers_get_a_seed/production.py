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
#     - shown by np.percentile(means, [5, 95])
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 587261d8819a4d03bddfe505724f70e13cbdd436c8275da1992e7e4d72196a38
#     version: 0.1.0
# ---

# %%
import numpy as np
import pandas as pd

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
visits = pd.DataFrame({"day": range(60), "visits": [7, 9, 4, 8, 6, 5] * 10})

# %% [markdown]
# ## How sure is the mean?

# %%
np.random.seed(0)
means = [visits.visits.sample(30, replace=True).mean() for _ in range(200)]
np.percentile(means, [5, 95])
