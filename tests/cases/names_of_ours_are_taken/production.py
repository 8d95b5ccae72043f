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
#     - path
#     - validation
#     results:
#     - derived/levels_by_day
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 3795dc5adee1dd73b3f4c7ccc1dd30f81cd42acc2bf771cf8aee1e283e08f0a8
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import (
    lake as commonlib_lake,
    parameters as commonlib_parameters,
    validation as commonlib_validation,
)

# %% tags=["parameters"]
path: "path" = "notebooks/adhoc/levels.csv"  # daily levels, cm
validation: bool = True

# %%
path = commonlib_parameters.input_path("path", path)
validation = commonlib_parameters.boolean("validation", validation)

# %%
lake = "Lake Constance"
parameters = {"unit": "cm"}

# %%
levels = pd.read_csv(path)
levels = commonlib_validation.require(levels, "levels")
levels["lake"] = lake

# %%
with commonlib_lake.write_file("derived/levels_by_day", "levels by day.csv") as output_path:
    levels.to_csv(output_path)
print(parameters["unit"], validation)
