"""Functions that came out of notebooks/adhoc/story.py."""

from pyspark.sql import functions as F


def doubled(frame):
    return frame.withColumn("twice", F.col("n") * 2)
