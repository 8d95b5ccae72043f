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
#     - shown by frame
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: d5a84fe303202dcb5633e23e2f3f7c07a531c913d326544b692c91ff343cae1c
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib.story import halved

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
scale = 10
offsets = [1, 2]


# %%
def scaled(x):
    return x * scale


def shifted(x, by=offsets):
    return x + by[0]


class Meter:
    def read(self, x):
        return x * scale


scale = 20

# %%
frame = pd.DataFrame({"x": [1.0, 2.0]})
frame["y"] = frame["x"].apply(scaled)
frame["z"] = shifted(halved(frame["x"])) + Meter().read(1)
frame
