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
#     source_sha256: 2fd31ed770f04d897f9b5de5f4f842641f031924b9380d34abe1a41c1fd91fed
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


Column = pd.Series


def doubled(x: Column) -> Column:
    return x * 2


def kept(x, name="last"):
    globals()[name] = x
    return x


scale = 20

# %%
frame = pd.DataFrame({"x": [1.0, 2.0]})
frame["y"] = frame["x"].apply(scaled)
frame["w"] = kept(doubled(frame["x"]))
frame["z"] = shifted(halved(frame["x"])) + Meter().read(1)
frame
