"""What hangs on chance is not taken for what hangs on the order of a set."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion.chance import is_by_chance
from nbpromote.promotion.plan import Answer, Topic
from nbpromote.promotion.planning import make_draft, options_for
from tests.nbpromote.promotion.empty_repository import EmptyRepository

SAMPLE = "spark.range(9).sample(fraction=0.1).show()"


@pytest.mark.parametrize(
    ("line", "leave", "is_chance"),
    [
        (SAMPLE, False, False),  # it gets a seed
        (SAMPLE, True, True),
        ("from pyspark.sql import functions as F\nspark.range(9).withColumn('r', F.rand()).show()", False, True),
        ("print(list({'a', 'b'}))", False, False),
    ],
)
def test_chance_is_told_from_the_order_of_a_set(line: str, leave: bool, is_chance: bool) -> None:
    source = f"# %%\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n# %%\n{line}\n"
    answers = (Answer(Topic.MEND, "seed of sample", "leave"),) if leave else ()
    draft = make_draft(parse(source.encode(), "a.py"), options_for("a.py", answers=answers), EmptyRepository())
    assert is_by_chance(draft) is is_chance
