# %% [markdown]
# # Words by length

# %%
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

conf = SparkConf().setMaster("local[2]").setAppName("words").set("spark.sql.ansi.enabled", "false")
sc = SparkContext(conf=conf)
spark = SparkSession(sc)

# %%
words = sc.parallelize(["a", "bb", "bb", "ccc"])
by_length = words.map(lambda word: (len(word), 1)).reduceByKey(lambda a, b: a + b)
again = SparkContext.getOrCreate()

# %%
table = spark.createDataFrame(sorted(by_length.collect()), ["length", "count"])
print(again.version)
table.write.mode("overwrite").parquet("words.parquet")
