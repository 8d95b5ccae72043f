"""What data cells read and write: where, how it is named, in which form and mode."""
# ruff: noqa: E501 - a row is a line

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Access

PANDAS = "import pandas as pd\ndf = pd.DataFrame()"
SPARK = "from pyspark.sql import SparkSession, functions as F\nspark = SparkSession.builder.appName('x').getOrCreate()"

# the cells before, the cell, its accesses as: direction kind call target named-by mode format
ROWS = [
    ([PANDAS], "pd.read_csv('a.csv')", ["read file pandas.read_csv a.csv literal - csv"]),
    ([PANDAS], "pd.read_csv(filepath_or_buffer='a.csv', sep=';')", ["read file pandas.read_csv a.csv literal - csv"]),
    ([PANDAS, "P = 'a.csv'"], "pd.read_csv(P)", ["read file pandas.read_csv a.csv name - csv"]),
    ([PANDAS, "D = 'in'"], "pd.read_csv(f'{D}/a.csv')", ["read file pandas.read_csv in/a.csv computed - csv"]),
    ([PANDAS, "import os\nD = 'in'"], "pd.read_csv(os.path.join(D, 'a.csv'))", ["read file pandas.read_csv in/a.csv computed - csv"]),
    ([PANDAS, "from pathlib import Path\nD = Path('in')"], "pd.read_csv(D / 'a.csv')", ["read file pandas.read_csv in/a.csv computed - csv"]),
    ([PANDAS, "C = {'in': 'a.csv'}"], "pd.read_csv(C['in'])", ["read file pandas.read_csv a.csv computed - csv"]),
    ([PANDAS], "pd.read_csv(where())", ["read file pandas.read_csv None computed - csv"]),
    ([PANDAS], "pd.read_csv('https://x.org/a.csv')", ["read url pandas.read_csv https://x.org/a.csv literal - csv"]),
    (["from pandas import read_csv as rc"], "rc('a.csv')", ["read file pandas.read_csv a.csv literal - csv"]),
    ([PANDAS, "def load(p): return pd.read_csv(p)"], "load('a.csv')", ["read file pandas.read_csv a.csv name - csv"]),
    ([PANDAS], "pd.read_sql('select * from s.t', con)", ["read table pandas.read_sql s.t literal - -"]),
    ([PANDAS], "df.to_csv('o.csv')", ["write file pandas.DataFrame.to_csv o.csv literal overwrite csv"]),
    ([PANDAS], "df.to_csv('o.csv', mode='a')", ["write file pandas.DataFrame.to_csv o.csv literal append csv"]),
    ([PANDAS], "text = df.to_csv()", []),
    ([PANDAS], "df.groupby('a').sum().to_parquet('o')", ["write file pandas.DataFrame.to_parquet o literal overwrite parquet"]),
    ([PANDAS], "df.to_sql('t', con, if_exists='replace')", ["write table pandas.DataFrame.to_sql t literal overwrite sql"]),
    ([], "with open('a.txt') as f: f.read()", ["read file open a.txt literal - -"]),
    ([], "open('a.txt', 'w').write('x')", ["write file open a.txt literal overwrite -"]),
    ([], "open('a.txt', mode='ab')", ["write file open a.txt literal append -"]),
    ([], "import json\nwith open('a.json') as f: json.load(f)", ["read file open a.json literal - -"]),
    ([], "from pathlib import Path\nPath('a.txt').read_text()", ["read file pathlib.Path.read_text a.txt computed - -"]),
    ([], "import numpy as np\nnp.save('a.npy', np.zeros(3))", ["write file numpy.save a.npy literal overwrite npy"]),
    ([], "import joblib\njoblib.dump(model, 'm.joblib')", ["write file joblib.dump m.joblib literal overwrite joblib"]),
    ([], "import requests\nrequests.get('http://x.org')", ["read url requests.get http://x.org literal - -"]),
    ([], "import requests\ns = requests.Session()\ns.get('http://x.org')", ["read url requests.Session.get http://x.org literal - -"]),
    (["import sqlite3\ncon = sqlite3.connect('x.db')"], "con.cursor().execute('insert into t select * from u')", ["read table sqlite3.Connection.execute u literal - -", "write table sqlite3.Connection.execute t literal append -"]),
    (["import duckdb"], "duckdb.sql(\"copy (select * from 'a.parquet') to 'b.csv'\")", ["read file duckdb.sql a.parquet literal - -", "write file duckdb.sql b.csv literal overwrite -"]),
    ([SPARK], "spark.read.format('jdbc').option('url', 'jdbc:x').option('dbtable', 's.t').load()", ["read table pyspark.DataFrameReader.load s.t literal - jdbc"]),
    ([SPARK], "spark.read.format('jdbc').options(url='jdbc:x', query='select a from s.t').load()", ["read table pyspark.DataFrameReader.load s.t computed - -"]),
    ([SPARK], "spark.read.csv(['a.csv', 'b.csv'])", ["read file pyspark.DataFrameReader.csv a.csv computed - csv", "read file pyspark.DataFrameReader.csv b.csv computed - csv"]),
    ([SPARK], "spark.table('a').writeTo('c.d.t').createOrReplace()", ["read table pyspark.SparkSession.table a literal - -", "write table pyspark.DataFrameWriterV2.createOrReplace c.d.t literal overwrite -"]),
    ([SPARK, "df = spark.table('a')"], "df.write.insertInto('t', overwrite=True)", ["write table pyspark.DataFrameWriter.insertInto t literal overwrite -"]),
    ([SPARK, "df = spark.table('a')\nfrom delta.tables import DeltaTable"], "DeltaTable.forName(spark, 't').merge(df, 'c').whenMatchedUpdateAll().execute()", ["read table delta.tables.DeltaTable.forName t literal - delta", "write table delta.Merge.execute t computed merge delta"]),
    ([SPARK, "from delta.tables import DeltaTable\ntarget = DeltaTable.forPath(spark, '/d/t').alias('t')"], "target.merge(df, 'c').whenNotMatchedInsertAll().execute()", ["write file delta.Merge.execute /d/t computed merge delta"]),
    (["import os"], "os.environ['DB_PASSWORD'], os.environ['STAGE'], os.environ[name]", ["read secret os.environ DB_PASSWORD literal - -", "read secret os.environ None name - -", "read setting os.environ STAGE literal - -"]),
    (["from os import environ, getenv"], "environ['API_KEY'] + getenv('STAGE') + environ.get('HOME', '')", ["read secret os.environ API_KEY literal - -", "read setting os.environ.get HOME literal - -", "read setting os.getenv STAGE literal - -"]),
    (["import boto3\ns3 = boto3.client('s3')\nB = 'lake'"], "s3.get_object(Bucket=B, Key='a/b.csv')\ns3.get_object(Bucket=B, Key=key)", ["read url boto3.client.get_object None name - s3", "read url boto3.client.get_object s3://lake/a/b.csv literal - s3"]),
    (["import boto3\ns3 = boto3.client('s3')"], "s3.put_object(Bucket='b', Key='k', Body=x)\ns3.upload_file('l.csv', 'b', 'u')\ns3.download_file('b', 'k', 'l.csv')",
     ["read file boto3.client.upload_file l.csv literal - -", "read url boto3.client.download_file s3://b/k literal - s3", "write file boto3.client.download_file l.csv literal overwrite -", "write url boto3.client.put_object s3://b/k literal overwrite s3", "write url boto3.client.upload_file s3://b/u literal overwrite s3"]),
    ([], "dbutils.fs.cp('/a', '/b', True)\ndbutils.fs.put('/c', 'x', True)\ndbutils.fs.put('/d', 'x')\ndbutils.fs.rm('/e', recurse=True)",
     ["read file databricks.fs.cp /a literal - -", "write file databricks.fs.cp /b literal overwrite -", "write file databricks.fs.put /c literal overwrite -", "write file databricks.fs.put /d literal errorifexists -", "write file databricks.fs.rm /e literal drop -"]),
    (["from sqlalchemy import create_engine, text\nengine = create_engine('sqlite://')"], "with engine.begin() as con:\n    con.execute(text('insert into t select * from u'))",
     ["read table sqlalchemy.Connection.execute u computed - -", "write table sqlalchemy.Connection.execute t computed append -"]),
    ([PANDAS, "import sqlalchemy as sa"], "pd.read_sql(sa.text('select * from s.t'), con)", ["read table pandas.read_sql s.t computed - -"]),
    (["import matplotlib.pyplot as plt\nplt.text('select * from t')"], "plt.text('select * from t')", []),
    ([], "import matplotlib.pyplot as plt\nplt.savefig('f.png')", ["write file matplotlib.pyplot.savefig f.png literal overwrite figure"]),
    ([], "import io, pandas as pd\npd.read_csv(io.StringIO('a'))", []),
    ([SPARK], "spark.read.parquet('in')", ["read file pyspark.DataFrameReader.parquet in literal - parquet"]),
    ([SPARK], "spark.read.format('csv').option('header', True).load('in')", ["read file pyspark.DataFrameReader.load in literal - csv"]),
    ([SPARK], "spark.table('s.t')", ["read table pyspark.SparkSession.table s.t literal - -"]),
    ([SPARK], "spark.read.table('s.t')", ["read table pyspark.DataFrameReader.table s.t literal - -"]),
    ([SPARK], "spark.sql('SELECT a FROM s.t JOIN u USING (id)')",
     ["read table pyspark.SparkSession.sql s.t literal - -", "read table pyspark.SparkSession.sql u literal - -"]),
    ([SPARK], "spark.sql('insert overwrite table s.t select * from u')",
     ["read table pyspark.SparkSession.sql u literal - -", "write table pyspark.SparkSession.sql s.t literal overwrite -"]),
    ([SPARK, "d = spark.table('t')"], "d.write.mode('append').saveAsTable('o')",
     ["write table pyspark.DataFrameWriter.saveAsTable o literal append -"]),
    ([SPARK, "d = spark.table('t')"], "d.filter('a > 1').write.parquet('o')",
     ["write file pyspark.DataFrameWriter.parquet o literal errorifexists parquet"]),
    ([SPARK, "d = spark.table('t')"], "d.write.format('delta').mode('overwrite').save('o')",
     ["write file pyspark.DataFrameWriter.save o literal overwrite delta"]),
    ([SPARK, "d = spark.table('t')\nd.createOrReplaceTempView('v')"], "spark.sql('select * from v')",
     ["read temp view pyspark.SparkSession.sql v literal - -"]),
    (["from mine import helper\nframe = helper(1)"], "frame.to_csv('a.csv')", ["write file ?.to_csv a.csv literal overwrite csv"]),
    (["from mine import helper\nframe = helper(1)"], "frame.to_parquet(path=where)", ["write file ?.to_parquet None name overwrite parquet"]),
    (["from mine import helper\nframe = helper(1)"], "frame.to_json()", []),
    (["from mine import helper\nframe = helper(1)"], "frame.plot().get_figure().savefig('a.png')", ["write file ?.savefig a.png literal overwrite figure"]),
    (["from mine import helper\nmodel = helper(1)"], "model.save('m.keras')", ["write file ?.save m.keras literal overwrite -"]),
    (["from mine import helper\nmodel = helper(1)"], "model.save()\nmodel.save('draft')\nmodel.save(model.name)", []),
    (["import torch"], "torch.save(model.state_dict(), 'm.pt')", ["write file torch.save m.pt literal overwrite torch"]),
    (["import joblib"], "joblib.dump(model, 'm.joblib')", ["write file joblib.dump m.joblib literal overwrite joblib"]),
    (["import pickle"], "pickle.dump(model, open('m.pkl', 'wb'))", ["write file open m.pkl literal overwrite -"]),
    (["import json"], "with open('j.json', 'w') as f:\n    json.dump({}, f)", ["write file open j.json literal overwrite -"]),
    (["import numpy as np"], "np.savez_compressed('a.npz', x=x)", ["write file numpy.savez_compressed a.npz literal overwrite npz"]),
    (["import shutil"], "shutil.copytree('in', 'out')", ["write file shutil.copytree out literal errorifexists -"]),
    (["import matplotlib.pyplot as plt"], "plt.savefig('a.png')", ["write file matplotlib.pyplot.savefig a.png literal overwrite figure"]),
    ([PANDAS, "w = pd.ExcelWriter('a.xlsx')"], "df.to_excel(w, sheet_name='b')", []),
    (["spark = connect()"], "spark.read.option('header', True).csv('a.csv')", ["read file pyspark.DataFrameReader.csv a.csv literal - csv"]),
    (["df = load()"], "df.write.mode('append').saveAsTable('t')", ["write table pyspark.DataFrameWriter.saveAsTable t literal append -"]),
    (["f = make()"], "f.write('a.csv')", []),
    ([SPARK, "day = today()"], "spark.sql(f\"select * from a where d = '{day}'\")", ["read table pyspark.SparkSession.sql a computed - -"]),
    ([SPARK, "db = where()"], "spark.sql(f'insert into {db}.t select * from a')",
     ["read table pyspark.SparkSession.sql a computed - -", "write table pyspark.SparkSession.sql None computed append -"]),
    ([SPARK, "q = 'select * from {} join b'"], "spark.sql(q.format(name()))",
     ["read table pyspark.SparkSession.sql None computed - -", "read table pyspark.SparkSession.sql b computed - -"]),
    ([SPARK, "q = 'select * from {} join {other}'"], "spark.sql(q.format('a', other='b'))",
     ["read table pyspark.SparkSession.sql a computed - -", "read table pyspark.SparkSession.sql b computed - -"]),
    ([SPARK, "q = 'select * from a ' + where()"], "spark.sql(q)", ["read table pyspark.SparkSession.sql a name - -"]),
    ([SPARK], "spark.sql(build())", ["read table pyspark.SparkSession.sql None computed - -"]),
    ([SPARK], "spark.sql('select * from delta.`/mnt/a`')", ["read file pyspark.SparkSession.sql /mnt/a literal - delta"]),
    ([SPARK, "spark.sql('create or replace temp view v as select 1 as a')"], "spark.table('v')", ["read temp view pyspark.SparkSession.table v literal - -"]),
    (["from commonlib import lake"], "lake.read('raw/a')", ["read dataset commonlib.lake.read raw/a literal - -"]),
    (["from commonlib import lake"], "lake.write(df, 'derived/a')", ["write dataset commonlib.lake.write derived/a literal version -"]),
]  # fmt: skip


def told(access: Access) -> str:
    words = [access.direction, access.kind, access.call, access.target, access.target_kind, access.mode, access.format]
    return " ".join("-" if word is None and index > 3 else str(word) for index, word in enumerate(words))


@pytest.mark.parametrize(("before", "cell", "expected"), ROWS)
def test_data_that_is_read_and_written_is_found(before: list[str], cell: str, expected: list[str]) -> None:
    assert sorted(told(access) for access in analyse(notebook_of(*before, cell)).cells[-1].accesses) == expected


def test_an_access_says_where_its_name_and_its_data_stand() -> None:
    code = 'out = df.filter("a > 1")\nout.select("a").write.mode("overwrite").parquet("o")  # done'
    facts = analyse(notebook_of(SPARK, "df = spark.table('t')", code))
    (access,) = facts.cells[-1].accesses
    assert access.expression == '"o"'
    assert (access.expression_span.line, access.expression_span.column, access.expression_span.end_column) == (
        2,
        48,
        51,
    )  # type: ignore[union-attr]
    assert access.receiver == 'out.select("a")'
    assert (access.span.line, access.span.column, access.span.end_column) == (2, 0, 52)


def test_what_a_frame_of_unknown_type_writes_is_told_with_the_frame() -> None:
    facts = analyse(
        notebook_of("from mine import helper\nframe = helper(1)", "frame.dropna().to_csv('a.csv')", "frame")
    )
    assert facts.cells[1].accesses[0].receiver == "frame.dropna()"
    assert facts.cells[1].mutates == frozenset()


def test_what_is_put_into_an_open_file_changes_it() -> None:
    facts = analyse(notebook_of("import json\nf = open('a.json', 'w')", "json.dump({}, f)", "f.close()"))
    assert facts.cells[1].mutates == {"f"}


def test_files_and_tables_order_the_cells_that_share_them() -> None:
    facts = analyse(
        notebook_of(
            "import pandas as pd, os\ndf = pd.DataFrame()",
            "os.makedirs('out')",
            "df.to_csv('out/a.csv')",
            "df.to_csv('out/b.csv')",
            "pd.read_csv('./out/a.csv')",
            "os.listdir('out')",
        )
    )
    edges = {(edge.source, edge.target) for edge in facts.flow.edges if edge.kind == "resource"}
    assert {("c2", "c3"), ("c3", "c5"), ("c3", "c6"), ("c4", "c6")} <= edges
    assert ("c4", "c5") not in edges
