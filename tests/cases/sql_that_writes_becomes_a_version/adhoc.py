# %%
from pyspark.sql import SparkSession

AS_OF = "2024-06-30"  # the last day that counts

spark = SparkSession.builder.getOrCreate()

# %%
spark.read.csv("sales.csv", header=True, inferSchema=True).where(f"day <= '{AS_OF}'").createOrReplaceTempView("sales")

# %%
spark.sql("""
    CREATE OR REPLACE TABLE totals
    USING parquet AS
    WITH paid AS (SELECT * FROM sales WHERE amount > 0)  -- AS SELECT they came
    SELECT region, sum(amount) AS amount
    FROM paid GROUP BY region;
""")

# %%
spark.sql("INSERT OVERWRITE TABLE mart.large SELECT * FROM totals WHERE amount > 2")

# %%
spark.sql('insert into history (select region, amount from totals)')

# %%
spark.sql(f"""
    CREATE OR REPLACE TABLE last_day AS
    SELECT * FROM sales WHERE day = '{AS_OF}' AND amount > {len(AS_OF)};
""")
