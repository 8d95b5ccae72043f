# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
spark.sql("UPDATE totals SET amount = 0 WHERE region = 'n'")

# %%
spark.sql("DELETE FROM totals WHERE amount = 0")

# %%
spark.sql("INSERT INTO totals VALUES ('e', 1.5)")

# %%
spark.sql("INSERT INTO totals (region) SELECT region FROM regions")

# %%
spark.sql("CREATE TABLE parts (region STRING)")

# %%
schema = "mart"
spark.sql(f"CREATE OR REPLACE TABLE {schema}.all_of_it AS SELECT * FROM parts")

# %%
for region in ["n", "s"]:
    spark.sql(f"INSERT INTO parts SELECT '{region}'")

# %%
def clone(table):
    spark.sql(f"CREATE OR REPLACE TABLE {table} DEEP CLONE staging.{table}")


for band in ["b02", "b03"]:
    spark.sql(f"CREATE TABLE band_{band} AS SELECT * FROM parts")
    clone(band)
