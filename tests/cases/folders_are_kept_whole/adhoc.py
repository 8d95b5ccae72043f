# %%
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

# %%
points = spark.read.csv("points.csv", header=True, inferSchema=True)

# %%
columns = VectorAssembler(inputCols=["x", "y"], outputCol="features")
model = Pipeline(stages=[columns, LogisticRegression(maxIter=5)]).fit(points)
model.save("models/spam")

# %%
model.stages[1].write().overwrite().save("models/regression")

# %%
again = PipelineModel.load("models/spam")
said = again.transform(points).select("x", "y", "prediction").toPandas()
said.to_csv("said.csv", index=False)
