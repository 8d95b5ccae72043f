"""How many rows Spark's writing tasks counted, from the metrics that Spark keeps of every write.

An observation puts an operator of its own between the query and the write, through which each row passes; these counts
are taken where a row is handed to the file anyway, and summed over the tasks that were committed.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NEWEST = 50
# No partition has such a number: every row passes, and Spark cannot know it and leave the filter out.
_PASSES = "SPARK_PARTITION_ID() > -20261122"
_DESCRIPTION = "spark.job.description"


def are_kept(spark: "SparkSession") -> bool:
    """Whether this Spark is one whose metrics can be looked at: neither Connect, nor one with a writer of its own."""
    return "connect" not in type(spark).__module__ and "DATABRICKS_RUNTIME_VERSION" not in os.environ


@contextlib.contextmanager
def described(spark: "SparkSession", what: str) -> Iterator[None]:
    """What is run meanwhile is known to Spark by this name, on its pages too."""
    context = spark.sparkContext
    before = context.getLocalProperty(_DESCRIPTION)
    context.setLocalProperty(_DESCRIPTION, what)
    try:
        yield
    finally:
        context.setLocalProperty(_DESCRIPTION, before)  # type: ignore[arg-type]


def counted(frame: "DataFrame") -> "DataFrame":
    """The same frame, of which Spark counts the rows as they pass: see `rows_seen`."""
    from pyspark.sql import functions as sf

    return frame.filter(sf.expr(_PASSES))


def rows_written(spark: "SparkSession", what: str) -> int | None:
    """The rows of the write that was `described` so; None when Spark does not say."""
    return _rows(spark, what, lambda node: bool(node.name().startswith("Execute Insert")))


def rows_seen(spark: "SparkSession", what: str) -> int | None:
    """The rows of the `counted` frame in what was `described` so; None when Spark does not say."""
    return _rows(spark, what, lambda node: node.name() == "Filter" and _PASSES in node.desc())


def _rows(spark: "SparkSession", what: str, is_it: Callable[[Any], bool]) -> int | None:
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]

    try:
        return _find(spark, what, is_it)
    except Py4JError:  # these are no public interfaces
        return None


def _find(spark: Any, what: str, is_it: Callable[[Any], bool]) -> int | None:
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    store = spark._jsparkSession.sharedState().statusStore()
    newest = store.executionsList(max(0, store.executionsCount() - _NEWEST), _NEWEST)
    for number in reversed(range(newest.size())):
        execution = newest.apply(number)
        if execution.description() == what:
            counts = store.executionMetrics(execution.executionId())
            for node in _each(store.planGraph(execution.executionId()).allNodes()):
                if is_it(node):
                    for metric in _each(node.metrics()):
                        if metric.name() == "number of output rows" and counts.contains(metric.accumulatorId()):
                            return int(counts.apply(metric.accumulatorId()).replace(",", ""))
    return None


def _each(found: Any) -> Iterator[Any]:
    return (found.apply(number) for number in range(found.size()))
