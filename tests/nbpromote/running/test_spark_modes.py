"""Which notebooks need a Spark of their own."""

import pytest

from nbpromote.running.spark_modes import needs_classic, uses_spark


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("df.rdd.map(f)", "uses .rdd"),
        ("spark.sparkContext.setLogLevel('WARN')", "uses .sparkContext"),
        ("sc.parallelize([1])", "uses .parallelize"),
        ("from pyspark.ml.feature import VectorAssembler", "imports pyspark.ml.feature"),
        ("df.write.saveAsTable('t')", "uses .saveAsTable"),
        ("spark.sql('''\n CREATE TABLE t AS SELECT 1''')", "SQL says CREATE TABLE"),
        ("spark.sql('insert into t select 1')", "SQL says insert into"),
        ("get_spark(config={'spark.driver.memory': '8g'})", "spark.driver.memory"),
        ("a.createOrReplaceTempView('v')\nb.createOrReplaceTempView('V')", "temporary view anew"),
        ("for a in b:\n    a.createOrReplaceTempView('v')", "temporary view"),
        ("df.createOrReplaceTempView(name)", "temporary view"),
        ("%%bash\nls", "can be read"),
        ("spark.conf.set('spark.sql.ansi.enabled', 'false')", "changes a setting"),
        ("try:\n    df.select('a')\nexcept Exception:\n    pass", "catches errors"),
        ("os.environ['FACTOR'] = '2'", "environment variables"),
        ("k = 1\nf = F.udf(lambda v: v * k)\ny = df.select(f('a'))\nk = 2", "uses k, which is bound again"),
        ("spark.sql('select current_user()')", "the user"),
    ],
)
def test_what_connect_does_not_have_needs_a_spark_of_its_own(source: str, said: str) -> None:
    found = needs_classic(["x = 1", source])
    assert found is not None
    assert said in found


@pytest.mark.parametrize(
    "source",
    [
        "spark = get_spark('a', config={'spark.sql.shuffle.partitions': 8, 'spark.ui.showConsoleProgress': 'false'})",
        "lake.read('validated/x').groupBy('a').count().toPandas()",
        "df.createOrReplaceTempView('v')\nspark.sql('create or replace temp view w as select 1')",
        "df.select(F.udf(f)('a')).cache()",
        "spark.conf.set('spark.sql.shuffle.partitions', 4)",
        "k = 2\nf = F.udf(lambda v: v * k)\ntry:\n    import x\nexcept ImportError:\n    x = None",
    ],
)
def test_what_connect_has_may_share_a_spark(source: str) -> None:
    assert needs_classic([source]) is None


def test_a_notebook_without_spark_wants_none() -> None:
    assert not uses_spark(["import pandas as pd", "pd.read_csv('x')"])
    assert uses_spark(["from commonlib import lake"])
