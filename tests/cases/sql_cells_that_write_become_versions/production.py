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
#     - sales_path
#     results:
#     - derived/totals
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: d676b1f8f312a1af829d0410cfb158d1e8fc772ff448820c9feba7bb011176b8
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
sales_path: "path" = "/mnt/sales"

# %%
sales_path = parameters.input_path("sales_path", sales_path)
spark = get_spark("story")

# %%
sales = spark.read.parquet(sales_path)
sales = validation.require(sales, "sales")
sales.createOrReplaceTempView("sales")

# %%
spark.sql("CREATE OR REPLACE TEMP VIEW good AS SELECT * FROM sales WHERE amount > 0")

# %%
lake.write(spark.sql("SELECT region, sum(amount) AS amount FROM good GROUP BY region"), "derived/totals")
