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
#     - AS_OF
#     - clicks_path
#     results:
#     - derived/daily_clicks
#     - derived/daily
#     - derived/log
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 12a91c5f00693e7673a381bf2e52957137037ce213cdd92ba1bf935db3da2ce5
#     version: 0.1.0
# ---

# %% [markdown]
# # Daily clicks

# %%
from pyspark.sql import functions as F

from commonlib import lake, parameters
from commonlib.session import get_spark

# %% tags=["parameters"]
AS_OF: "date" = "2024-03-01"  # the day that is added
clicks_path: "path" = "notebooks/adhoc/clicks.json"

# %%
AS_OF = parameters.date_text("AS_OF", AS_OF)
clicks_path = parameters.input_path("clicks_path", clicks_path)

# %%
spark = get_spark()

# %%
clicks = spark.read.json(clicks_path).where(F.col("day") == AS_OF)
daily = clicks.groupBy("user").count()

# %%
lake.write(daily, "derived/daily_clicks", partition={"as_of": AS_OF})

# %%
lake.write(daily, "derived/daily", partition={"as_of": AS_OF})

# %%
with lake.write_file("derived/log", "log.txt", continued=True) as path, open(path, "a") as log:
    log.write(f"{AS_OF}: {daily.count()} users\n")
