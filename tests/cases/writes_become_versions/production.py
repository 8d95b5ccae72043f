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
#     - events_path
#     results:
#     - derived/scores
#     - derived/user_scores
#     - derived/top_users
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: ebb15b67d4ff9955add85cf7cc044134eb64be3c8c20c21949f45cc97ab6ee57
#     version: 0.1.0
# ---

# %% [markdown]
# # Nightly scores

# %%
from pyspark.sql import functions as F

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
events_path: "path" = "notebooks/adhoc/data/events.parquet"

# %%
events_path = parameters.input_path("events_path", events_path)

# %%
spark = get_spark("scores")

# %%
events = spark.read.parquet(events_path)
events = validation.require(events, "events", columns=("points", "user"))

# %%
scores = events.groupBy("user").agg(F.sum("points").alias("score"))
lake.write(scores, "derived/scores")

# %%
lake.write(scores, "derived/user_scores")

# %%
top = scores.orderBy(F.desc("score"), "user").limit(10).toPandas()
with lake.write_file("derived/top_users", "top users.csv") as path:
    top.to_csv(path, index=False)
