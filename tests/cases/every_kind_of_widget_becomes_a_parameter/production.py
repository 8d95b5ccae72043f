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
#     - top
#     - region
#     - kind
#     - days_
#     - sales_table
#     results:
#     - shown by display(best)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 98624636e2f61aeebdbb4822e686b0efab09c1e8cf3bf5d7b6883a5f63c9b5fc
#     version: 0.1.0
# ---

# %% [markdown]
# # Sales of some days

# %%
from commonlib import parameters
from commonlib.session import get_spark
from commonlib.showing import display

# %% tags=["parameters"]
top: int = 2  # How many
region: str = "north"  # Region: north, south
kind: str = "shop"  # Kind of sale; such as: shop, web
days_: str = "mon"  # Days; any of: mon, tue
sales_table: str = "sales"

# %%
top = parameters.integer("top", top)
region = parameters.text("region", region, choices=("north", "south"))
kind = parameters.text("kind", kind)
days_ = parameters.text("days_", days_)
sales_table = parameters.text("sales_table", sales_table)
spark = get_spark("story")

# %% Load the sales
days = days_.split(",")
sales = spark.table(sales_table).where(f"day in {tuple(days)}")
sales.createOrReplaceTempView("some")

# %%
_sqldf = spark.sql("""
SELECT day, sum(amount) AS amount FROM some
WHERE region = :region AND kind = :kind GROUP BY day
""", args={"region": region, "kind": kind})
display(_sqldf)

# %% The best
best = _sqldf.orderBy("amount", ascending=False).limit(top)
display(best)
