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
#     source_sha256: e139ee74b8e59a3a7b19ba3d702371e39e7c4a17e1dbf780ff5c903b32fdd850
#     version: 0.1.0
# ---

# %% [markdown]
# # Orders by day

# %%
from commonlib import parameters, validation
from commonlib.session import get_spark
from commonlib.showing import display

# %% tags=["parameters"]
least: str = "10"  # Smallest order
orders_path: "path" = "notebooks/adhoc/data/orders.csv"

# %%
least = parameters.text("least", least)
orders_path = parameters.input_path("orders_path", orders_path)
spark = get_spark("story")

# %% Load
orders = spark.read.csv(orders_path, header=True, inferSchema=True)
orders = validation.require(orders, "orders")
orders.createOrReplaceTempView("orders")

# %%
_sqldf = spark.sql("select day, sum(amount) as total from orders where amount > :least group by day", args={"least": int(least)})
display(_sqldf)

# %%
by_day = _sqldf.orderBy("day")
display(by_day)
