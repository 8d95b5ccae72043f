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
#     - least
#     - orders_path
#     results:
#     - shown by display(by_day)
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: aee50facb62b184825f59b5f303e87b253c2ad330aa92186e5d7971e0a34d49f
#     version: 0.1.0
# ---

# %% [markdown]
# # Orders by day

# %%
from commonlib import parameters, validation
from commonlib.session import get_spark
from commonlib.showing import display, displayHTML

# %% tags=["parameters"]
least: str = "10"  # Smallest order
orders_path: "path" = "notebooks/adhoc/data/orders.csv"

# %%
least = parameters.text("least", least)
orders_path = parameters.input_path("orders_path", orders_path)
spark = get_spark("story")
table = spark.table

# %% Load
orders = spark.read.csv(orders_path, header=True, inferSchema=True)
orders = validation.require(orders, "orders")
orders.createOrReplaceTempView("orders")

# %%
_sqldf = spark.sql("select day, sum(amount) as total from orders where amount > :least group by day", args={"least": int(least)})
display(_sqldf)

# %%
by_day = _sqldf.orderBy("day")
displayHTML(f"<b>{by_day.count()} days of {table('orders').count()} orders after {least}</b>")
display(by_day)
