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
#     - AS_OF
#     - sales_path
#     results:
#     - derived/totals
#     - derived/large
#     - derived/history
#     - derived/last_day
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: b01791061191cdda02854d3349f5db4cfe6c808adb618e35adcf7990a8f1b438
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from commonlib import lake, parameters
from commonlib.session import get_spark

# %% tags=["parameters"]
AS_OF: "date" = "2024-06-30"  # the last day that counts
sales_path: "path" = "notebooks/adhoc/sales.csv"

# %%
AS_OF = parameters.date_text("AS_OF", AS_OF)
sales_path = parameters.input_path("sales_path", sales_path)

# %%
spark = get_spark()

# %%
spark.read.csv(sales_path, header=True, inferSchema=True).where(f"day <= '{AS_OF}'").createOrReplaceTempView("sales")

# %%
lake.write(spark.sql("""
    WITH paid AS (SELECT * FROM sales WHERE amount > 0)  -- AS SELECT they came
    SELECT region, sum(amount) AS amount
    FROM paid GROUP BY region
"""), "derived/totals")
lake.read("derived/totals").createOrReplaceTempView("totals")

# %%
lake.write(spark.sql("SELECT * FROM totals WHERE amount > 2"), "derived/large")

# %%
lake.write(spark.sql('(select region, amount from totals)'), "derived/history", partition={"as_of": AS_OF})

# %%
lake.write(spark.sql(f"""
    SELECT * FROM sales WHERE day = '{AS_OF}' AND amount > {len(AS_OF)}
"""), "derived/last_day")
