# %% [markdown]
# # Rides by type

# %%
from pyspark.sql import functions as F

rides = spark.read.json("rides.json")

# %%
by_type = rides.groupBy("type").count().orderBy("type")
sc.setLogLevel("WARN")

# %%
by_type.write.mode("overwrite").saveAsTable("rides_by_type")
