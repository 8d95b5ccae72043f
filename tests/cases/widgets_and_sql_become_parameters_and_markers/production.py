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
#     - start
#     - env
#     - top_n
#     - data
#     results:
#     - shown by %sql SELECT * FROM daily WHERE n > :top_n ORDER BY user
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 2544824b3ed996fadd66c233592e790b3cf71b79cda0147e3f9fbbcc34968501
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from commonlib import parameters, validation
from commonlib.session import get_spark
from commonlib.showing import display

# %% tags=["parameters"]
start: "date" = "2024-03-01"  # First day
env: str = "dev"  # one of: dev, prod
top_n: int = 2
data: "path" = "notebooks/adhoc/clicks.json"  # Where the clicks lie

# %%
start = parameters.date_text("start", start)
env = parameters.text("env", env, choices=("dev", "prod"))
top_n = parameters.integer("top_n", top_n)
data = parameters.input_path("data", data)
spark = get_spark("story")

# %%
clicks = spark.read.json(data)
clicks = validation.require(clicks, "clicks")
clicks.createOrReplaceTempView("clicks")
print(env, start)

# %%
spark.sql("""
CREATE OR REPLACE TEMP VIEW daily AS
SELECT user, count(*) AS n FROM clicks WHERE day >= :start GROUP BY user
""", args={"start": start})

# %%
display(spark.sql("SELECT * FROM daily WHERE n > :top_n ORDER BY user", args={"top_n": top_n}))
