"""The settings on which a promoted notebook runs once more, and which must change nothing."""

from collections.abc import Mapping

# Python's hashes of texts decide in which order a set is walked through. One seed for each run, so that a proof is the
# same when it is made again, and another for each, so that what hangs on it is found.
ADHOC_HASHES, PROMOTED_HASHES, REPEAT_HASHES = "0", "1", "2"


def of_spark(cores: int) -> Mapping[str, str]:
    """Spark's settings that cut its data into other parts, and work on them in another order, than on this machine.

    One core more than there are: a notebook that runs for hours must not run for days on fewer.
    """
    return {
        "spark.master": f"local[{cores + 1}]",
        "spark.default.parallelism": str(cores + 3),
        "spark.sql.shuffle.partitions": "13",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.files.openCostInBytes": "65536",
        "spark.sql.files.maxPartitionBytes": "96m",
    }


def of_process() -> Mapping[str, str]:
    """Environment variables of a notebook without Spark: threads decide in which order numbers are added."""
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def words(cores: int, *, has_spark: bool) -> tuple[str, ...]:
    """These settings as people are told of them."""
    hashes = "another order of sets"
    if not has_spark:
        return hashes, "one thread for linear algebra"
    return (
        f"{cores + 1} threads",
        "13 shuffle partitions",
        f"default parallelism {cores + 3}",
        "adaptive execution off",
        "smaller parts of files",
        hashes,
    )
