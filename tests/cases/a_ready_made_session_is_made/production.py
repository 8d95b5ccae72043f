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
#     - rides_path
#     results:
#     - derived/rides_by_type
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 20900805373b0654ef9ebb59575b922974972e818af46354bdd8c203297cbada
#     version: 0.1.0
# ---

# %% [markdown]
# # Rides by type

# %%
from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
rides_path: "path" = "notebooks/adhoc/rides.json"

# %%
rides_path = parameters.input_path("rides_path", rides_path)
spark = get_spark("story")
sc = spark.sparkContext

# %%
rides = spark.read.json(rides_path)
rides = validation.require(rides, "rides", columns=("type",))

# %%
by_type = rides.groupBy("type").count().orderBy("type")
sc.setLogLevel("WARN")

# %%
lake.write(by_type, "derived/rides_by_type")
