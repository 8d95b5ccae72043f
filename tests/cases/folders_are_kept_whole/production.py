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
#     - points_path
#     results:
#     - derived/spam
#     - derived/regression
#     - derived/said
#     run: nbpromote run notebooks/production/story.py
#     source: notebooks/adhoc/story.py
#     source_sha256: 9fce8bc61875d0d3c3ce44fe446e5140cadad55108bd64c7e6f50516f5bd7c88
#     version: 0.1.0
# ---

# %% [markdown]
# # Story

# %%
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler

from commonlib import lake, parameters, validation
from commonlib.session import get_spark

# %% tags=["parameters"]
points_path: "path" = "notebooks/adhoc/points.csv"

# %%
points_path = parameters.input_path("points_path", points_path)

# %%
spark = get_spark()

# %%
points = spark.read.csv(points_path, header=True, inferSchema=True)
points = validation.require(points, "points")

# %%
columns = VectorAssembler(inputCols=["x", "y"], outputCol="features")
model = Pipeline(stages=[columns, LogisticRegression(maxIter=5)]).fit(points)
with lake.write_folder("derived/spam", "spam") as path:
    model.save(path)

# %%
with lake.write_folder("derived/regression", "regression") as path:
    model.stages[1].write().overwrite().save(path)

# %%
again = PipelineModel.load(lake.folder("derived/spam", "spam"))
said = again.transform(points).select("x", "y", "prediction").toPandas()
with lake.write_file("derived/said", "said.csv") as path:
    said.to_csv(path, index=False)
