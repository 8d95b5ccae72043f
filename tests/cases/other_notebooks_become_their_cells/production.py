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
#     - FACTOR
#     - day
#     results:
#     - shown by display(busy)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 45d1d465602e792890b99b8b790a0da8c522a7501f389b14270ae2537cbd2048
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from commonlib import parameters
from commonlib.session import get_spark
from commonlib.showing import display
from commonlib.story import doubled

# %% tags=["parameters"]
FACTOR: int = 2
day: "date" = "2024-03-01"

# %%
FACTOR = parameters.integer("FACTOR", FACTOR)
day = parameters.date_text("day", day)
spark = get_spark("story")

# %%
print(FACTOR)

# %%
frame = spark.createDataFrame([(1, day), (2, day)], ["n", "day"])
frame.createOrReplaceTempView("clicks")

# %%
spark.sql("CREATE OR REPLACE TEMP VIEW daily AS SELECT day, count(*) AS n FROM clicks GROUP BY day")

# %%
counted = spark.table("daily")

# %%
busy = doubled(counted.filter(counted.n > 1))
display(busy)
