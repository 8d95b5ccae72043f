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
#     parameters: []
#     results:
#     - derived/words
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: ea3ade1021474398e9caf68d601c1064ad55328f9193e33a0190b1362a7663fc
#     version: 0.1.0
# ---

# %% [markdown]
# # Words by length

# %%
from pyspark import SparkContext
from pyspark.sql import SparkSession

from commonlib import lake
from commonlib.session import get_spark

# %% tags=["parameters"]
# This notebook takes no parameters.

# %%
sc = get_spark("words", config={"spark.sql.ansi.enabled": "false"}).sparkContext
spark = SparkSession(sc)

# %%
words = sc.parallelize(["a", "bb", "bb", "ccc"])
by_length = words.map(lambda word: (len(word), 1)).reduceByKey(lambda a, b: a + b)
again = SparkContext.getOrCreate()

# %%
table = spark.createDataFrame(sorted(by_length.collect()), ["length", "count"])
print(again.version)
lake.write(table, "derived/words")
