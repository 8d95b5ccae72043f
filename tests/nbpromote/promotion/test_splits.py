"""Which rows a random split takes does not hang on how Spark cuts its data."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.plan import Answer, Topic
from nbpromote.promotion.planning import make_draft, options_for
from tests.nbpromote.promotion.empty_repository import EmptyRepository

READ = "# %%\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n# %%\n"


def promoted(code: str, *answers: Answer) -> str:
    source = f"{READ}{code}\nprint(train.count())\n"
    return assemble.text_of(
        make_draft(parse(source.encode(), "a.py"), options_for("a.py", answers=answers), EmptyRepository())
    )


@pytest.mark.parametrize(
    ("split", "becomes"),
    [
        ("spark.range(9).randomSplit([0.7, 0.3], 42)", "spark.range(9).repartition(1).randomSplit([0.7, 0.3], 42)"),
        ("spark.range(9).randomSplit([1.0, 2.0], seed=s)", ".repartition(1).randomSplit([1.0, 2.0], seed=s)"),
        ("spark.range(9).coalesce(1).randomSplit([0.7, 0.3], 42)", "(9).coalesce(1).randomSplit([0.7, 0.3], 42)"),
        ("spark.range(9).rdd.randomSplit([0.7, 0.3], 42)", "spark.range(9).rdd.randomSplit([0.7, 0.3], 42)"),
    ],
)
def test_a_seeded_split_of_a_frame_is_made_of_one_partition(split: str, becomes: str) -> None:
    assert becomes in promoted(f"s = 3\ntrain, test = {split}")


def test_a_split_stays_as_it_is_when_a_person_wants_that() -> None:
    split = "train, test = spark.range(9).randomSplit([0.7, 0.3], 42)"
    leave = Answer(Topic.MEND, "partitions of randomSplit", "leave")
    assert "repartition(1)" in promoted(split, leave), "the ad-hoc notebook runs as it is, the promoted one does not"
    assert split in promoted(split, leave, Answer(Topic.SESSION, "randomSplit of cell 2", "as it is"))
