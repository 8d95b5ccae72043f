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
        ("df.select(F.session_user())", "uses .session_user"),
        ("n = getattr(df, 'rdd').getNumPartitions()", "uses .rdd"),
        ("from pyspark import SparkContext as C\nC.getOrCreate()", "uses SparkContext"),
        ("import pyspark\npyspark.SparkContext.getOrCreate()", "uses .SparkContext"),
        ("from pyspark.sql.utils import AnalysisException as Bad", "uses AnalysisException"),
        ("from pyspark.sql.column import _to_java_column", "uses _to_java_column"),
        ("x = F.col('a')._jc", "uses ._jc"),
        ("from graphframes import GraphFrame", "imports graphframes"),
        ("from xgboost.spark import SparkXGBClassifier", "imports xgboost.spark"),
        ("importlib.import_module('pyspark.ml.feature')", "imports pyspark.ml.feature"),
        ("df.pandas_api()", "uses .pandas_api"),
        ("df.toJSON().collect()", "uses .toJSON"),
        ("df.write.mode('append').parquet('out')", "writes files"),
        ("df.writeTo('t').create()", "uses .writeTo"),
        ("with suppress(Exception):\n    df.count()", "catches errors"),
        ("is_pandas = hasattr(df, 'iloc')", "has every name"),
        ("conf = spark.conf\nconf.set('spark.sql.ansi.enabled', False)", "settings"),
        ("spark.sql('-- as before\\nSET spark.sql.ansi.enabled = false')", "changes a setting"),
        ("spark.sql(f'use {db}')", "SQL says use"),
        ("get_spark(config={'spark.jars': 'a.jar'})", "spark.jars"),
        ("get_spark(config={'spark.sql.extensions': 'a.B'})", "spark.sql.extensions"),
        ("from os import environ\nenviron.update(FACTOR='2')", "environment variables"),
        ("os.chdir('data')", "its folder"),
        ("u = df.withColumn('u', F.expr('uuid()'))", "at random"),
        ("df = spark.createDataFrame(a).sample(0.5, seed=3)", "sample and makes frames"),
        ("df = spark.createDataFrame(a).withColumn('i', F.monotonically_increasing_id())", "makes frames"),
        ("spark.sql('create temp view v as select 1')\nb.createOrReplaceTempView('v')", "temporary view anew"),
        ("spark.udf.register('f', f)\nspark.udf.register('f', g)", "function of SQL anew"),
        ("m = {}\nf = F.udf(lambda v: m.get(v))\ny = df.select(f('a'))\nm['b'] = 1", "uses m"),
        ("f = F.udf(lambda v: v * float(os.environ['RATE']))", "elsewhere, and uses environ"),
        ("f = F.udf(lambda v: open(v).read())", "elsewhere, and uses open"),
        ("df = spark.read.csv('a.csv').cache()", "in memory"),
        ("spark.sql('cache table a as select * from parquet.`a`')", "in memory"),
        ("def f(a):\n    b = a.groupBy('k').count()\n    return a.join(b, 'k', 'left').filter(b.k.isNull())", "by b"),
        ("a = lake.read('a')\nb = a.filter('x')\nc = a.join(b, a.k == b.k).drop(b['k'])", "column by b"),
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
        "lake.read('a').select(F.udf(f)('a')).cache()",
        "df = spark.read.csv('a.csv')\nwith open('b') as file:\n    text = file.read()",
        "spark.conf.set('spark.sql.shuffle.partitions', 4)",
        "a = lake.read('a')\nb = lake.read('b')\na = a.join(b, a.k == b.k).drop(b.k)",
        "m = {}\nfor k in ks:\n    m[k] = 1\nf = F.udf(lambda v: m.get(v))\ny = df.select(f('a'))",
        "df = spark.createDataFrame(np.random.rand(3, 2))",
        "s = spark.sql('set spark.sql.shuffle.partitions = 4')",
        "def ratio(a):\n    'Create a table of ratios. Insert into it.'\n    return F.col(a) / 2",
        "print('Use the rows of last year; drop what is old, add files by hand')",
        "k = 2\nf = F.udf(lambda v: v * k)\ntry:\n    import x\nexcept ImportError:\n    x = None",
    ],
)
def test_what_connect_has_may_share_a_spark(source: str) -> None:
    assert needs_classic([source]) is None


def test_a_module_of_functions_is_looked_at_with_the_cells_but_has_names_of_its_own() -> None:
    cells = ["from commonlib.rates import rate", "k = 1\nf = F.udf(lambda v: rate(v))"]
    assert needs_classic(cells, ["k = 2\ndef rate(v):\n    return v * k"]) is None
    assert "uses getenv" in (needs_classic(cells, ["R = os.getenv('R')\ndef rate(v):\n    return v * R"]) or "")
    assert "uses .rdd" in (needs_classic(cells, ["def rate(v):\n    return v.rdd"]) or "")


@pytest.mark.parametrize(
    ("sources", "does"),
    [
        (["import pandas as pd", "pd.read_csv('x')", "open('x').read()"], False),
        (
            ["from commonlib import lake, parameters", "frame = lake.read_pandas('raw/a')", "lake.write(frame, 'b')"],
            False,
        ),
        (["from commonlib.rates import rate", "def rate(frame):\n    return frame.assign(r=1)"], False),
        (["from commonlib import lake", "frame = lake.read('raw/a')"], True),
        (["from commonlib.lake import read as get", "frame = get('raw/a')"], True),
        (["from commonlib.lake import *"], True),
        (["from commonlib import ingest"], True),
        (["from commonlib.rates import rate", "from pyspark.sql import functions as F\ndef rate(frame): ..."], True),
        (["from commonlib.session import get_spark"], True),
    ],
)
def test_only_a_notebook_that_may_use_spark_wants_one(sources: list[str], does: bool) -> None:
    assert uses_spark(sources) is does
