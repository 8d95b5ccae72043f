"""Streams are refused with what they are, each once."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for

SPARK = "# %%\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n# %%\n"
READ = "lines = spark.readStream.format('rate').load()\n# %%\n"


class Nothing:
    def read_bytes(self, path: str) -> bytes | None:
        return None

    def files(self, folder: str) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(
    "source",
    [
        f"{SPARK}{READ}query = lines.writeStream.format('console').start()\n",
        f"{SPARK}{READ}query = lines.writeStream.option('checkpointLocation', 'c').start('out')\n",
        f"{SPARK}{READ}query = lines.writeStream.toTable('out')\n",
        "# %%\nfrom pyspark import SparkContext\nfrom pyspark.streaming import StreamingContext\n"
        "ssc = StreamingContext(SparkContext('local'), 1)\n# %%\nssc.textFileStream('in').pprint()\n"
        "# %%\nssc.start()\nprint('on')\n",
    ],
)
def test_a_stream_is_refused_once_and_a_draft_can_be_written(source: str) -> None:
    with pytest.raises(CannotPromote) as refused:
        make_draft(parse(source.encode(), "a.py"), options_for("a.py"), Nothing())
    assert [one.code for one in refused.value.findings] == ["PR206"]
    assert "spark.read" in refused.value.findings[0].hint
    assert refused.value.draft is not None
