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
#     decisions:
#       guards:
#         people: check keys
#     parameters:
#     - orders_path
#     - people_path
#     - shops_path
#     - prices_path
#     - rates_path
#     - months_path
#     results:
#     - derived/sold
#     - derived/priced
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 20284507b4c7509f367eec778cc84495d141bc2b481f401a9c26ff9a325869e9
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
import pandas as pd

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
orders_path: "path" = "notebooks/adhoc/orders.parquet"
people_path: "path" = "notebooks/adhoc/people.parquet"
shops_path: "path" = "notebooks/adhoc/shops.parquet"
prices_path: "path" = "notebooks/adhoc/prices.csv"
rates_path: "path" = "notebooks/adhoc/rates.csv"
months_path: "path" = "notebooks/adhoc/months.csv"

# %%
orders_path = parameters.input_path("orders_path", orders_path)
people_path = parameters.input_path("people_path", people_path)
shops_path = parameters.input_path("shops_path", shops_path)
prices_path = parameters.input_path("prices_path", prices_path)
rates_path = parameters.input_path("rates_path", rates_path)
months_path = parameters.input_path("months_path", months_path)

# %%
spark = get_spark()

# %%
orders = spark.read.parquet(orders_path)
orders = validation.require(orders, "orders", columns=("shop", "person_id"))
people = spark.read.parquet(people_path)
people = validation.require(people, "people", columns=("person_id",), not_null=("person_id",))
shops = spark.read.parquet(shops_path)
shops = validation.require(shops, "shops", columns=("code",))

# %%
sold = orders.join(people, "person_id").join(shops, orders.shop == shops["code"], "left")
lake.write(sold, "derived/sold")

# %%
prices = pd.read_csv(prices_path)
prices = validation.require(prices, "prices", columns=("currency", "day"))
rates = pd.read_csv(rates_path)
rates = validation.require(rates, "rates", columns=("code", "date"))
months = pd.read_csv(months_path)
months = validation.require(months, "months")
priced = prices.merge(rates, left_on=["currency", "day"], right_on=["code", "date"]).join(months, on="month")
lake.write(priced, "derived/priced")
