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
#     - data_path
#     - south_data_path
#     - north_data_path
#     results:
#     - derived/all
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 95ded0d2a8fa75cb1071c0ec3495aa25c70dd953e9e036f3f746391097a32cdf
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import lake, parameters, validation

# %% tags=["parameters"]
data_path: "path" = "notebooks/adhoc/north/data.csv"
south_data_path: "path" = "notebooks/adhoc/south/data.csv"
north_data_path: "path" = "notebooks/archive/north/data.csv"

# %%
data_path = parameters.input_path("data_path", data_path)
south_data_path = parameters.input_path("south_data_path", south_data_path)
north_data_path = parameters.input_path("north_data_path", north_data_path)

# %%
north = pd.read_csv(data_path)
north = validation.require(north, "north")
south = pd.read_csv(south_data_path)
south = validation.require(south, "south")
archive = pd.read_csv(north_data_path)
archive = validation.require(archive, "archive")

# %%
again = pd.read_csv(south_data_path, usecols=["id"])
again = validation.require(again, "again", columns=("id",))
with lake.write_file("derived/all", "all.csv") as path:
    pd.concat([north, south, archive]).merge(again, on="id").to_csv(path, index=False)
