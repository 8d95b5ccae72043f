"""What is found, how severe it is, and that every rule is explained."""

import inspect
import sys

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse, rules
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.notebook.model import Output

READ = "import pandas as pd\ndf = pd.read_csv('a.csv')"
WRITE = "df.to_parquet('o.parquet')"
SPARK = "from pyspark.sql import functions as F\ndf = spark.table('t')"


def findings(*cells: str) -> dict[str, Finding]:
    return {finding.code: finding for finding in rules.find(analyse(notebook_of(*cells)))}


@pytest.mark.parametrize(
    ("code", "severity", "cells"),
    [
        ("NB101", Severity.BLOCKS, [READ, "k = = 3", "df['k'] = k", WRITE]),
        ("NB101", Severity.WARNING, [READ, "nothing = = 3", WRITE]),
        ("NB102", Severity.BLOCKS, [READ, "df['k'] = ghost", WRITE]),
        ("NB102", Severity.WARNING, [READ, "ghost.plot()", WRITE]),
        ("NB103", Severity.WARNING, [READ, "df['k'] = k", "k = 3", WRITE]),
        ("NB105", Severity.WARNING, ["x = 1"]),
        ("NB110", Severity.WARNING, [SPARK, "df.write.mode('append').saveAsTable('o')"]),
        ("NB111", Severity.WARNING, ["import pandas as pd\ndf = pd.read_csv('/home/ada/a.csv')", WRITE]),
        ("NB120", Severity.BLOCKS, [READ, "key = 'AKIAIOSFODNN7EXAMPLE'", WRITE]),
        ("NB120", Severity.WARNING, [READ, "connect(password='h0ney-b33')", WRITE]),
        ("NB130", Severity.WARNING, [READ, "df = df.sample(frac=0.5)", WRITE]),
        ("NB130", Severity.WARNING, ["import numpy as np", READ, "df['r'] = np.random.rand(3)", WRITE]),
        ("NB131", Severity.WARNING, [READ, "from datetime import datetime\ndf['now'] = datetime.now()", WRITE]),
        ("NB110", Severity.WARNING, [SPARK, "spark.sql('create table o as select * from t')"]),
        ("NB132", Severity.WARNING, [SPARK, "top = df.limit(10)\ntop.write.parquet('o')"]),
        ("NB132", Severity.WARNING, [SPARK, "newest = df.first()['d']", "df.where(df.d == newest).write.parquet('o')"]),
        ("NB132", Severity.WARNING, [SPARK, "df.dropDuplicates(['a']).write.parquet('o')"]),
        ("NB132", Severity.WARNING, [SPARK, "df.withColumn('i', F.monotonically_increasing_id()).write.parquet('o')"]),
        ("NB132", Severity.WARNING, [SPARK, "df.groupBy('a').agg(F.first('b')).write.parquet('o')"]),
        ("NB132", Severity.WARNING, ["spark.sql('select * from t limit 5').write.parquet('o')"]),
        ("NB132", Severity.NOTE, [SPARK, "df.withColumn('r', F.rand(42)).write.parquet('o')"]),
        (
            "NB132",
            Severity.NOTE,
            [
                "from pyspark.sql import Window",
                SPARK,
                "df.withColumn('n', F.row_number().over(Window.partitionBy('a').orderBy('b'))).write.parquet('o')",
            ],
        ),
        ("NB133", Severity.WARNING, [SPARK, "df.sample(0.5, seed=1).write.parquet('o')"]),
        ("NB133", Severity.WARNING, [SPARK, "df.sample(100).write.parquet('o')"]),
        ("NB133", Severity.WARNING, [SPARK, "df.sample(False, 0.5).write.parquet('o')"]),
        ("NB133", Severity.NOTE, [SPARK, "df.sample(fraction=0.001, seed=1).write.parquet('o')"]),
        ("NB133", Severity.NOTE, [SPARK, "df.sample(0.5, 1).write.parquet('o')"]),
        ("NB140", Severity.WARNING, [SPARK, "df = df.toPandas()", WRITE]),
        ("NB150", Severity.WARNING, ["!wget https://x.org/a.csv", READ, WRITE]),
        ("NB160", Severity.WARNING, [READ, "from math import *\ndf['s'] = sin(1)", WRITE]),
        ("NB161", Severity.WARNING, [READ, "try:\n    df = df.dropna()\nexcept Exception:\n    pass", WRITE]),
        ("NB162", Severity.WARNING, [READ, "k = 1\ndef f(x):\n    return x * k", "k = 2", "df['y'] = f(df.x)", WRITE]),
        ("NB163", Severity.NOTE, [READ, "import json", WRITE]),
        ("NB164", Severity.NOTE, [READ, "df.head()\ndf['x'] = 1", WRITE]),
        ("NB165", Severity.WARNING, [READ, "df = df.append(df)", WRITE]),
        ("NB165", Severity.WARNING, [READ, "df['a'].fillna(0, inplace=True)", WRITE]),
        ("NB165", Severity.WARNING, ["import numpy as np", READ, "df['a'] = df.a.astype(np.float)", WRITE]),
        ("NB165", Severity.WARNING, [READ, "from scipy import interp\ndf['y'] = interp(df.x)", WRITE]),
        ("NB170", Severity.NOTE, [READ, "df.head()", WRITE]),
    ],
)
def test_a_rule_finds_what_it_is_for(code: str, severity: Severity, cells: list[str]) -> None:
    assert findings(*cells)[code].severity is severity


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("NB110", [SPARK, "df.createOrReplaceTempView('v')"]),
        ("NB111", ["import pandas as pd\ndf = pd.read_csv('data/a.csv')", WRITE]),
        ("NB120", ["secret_scope = 'production'\ntoken_url = 'https://x.org/t'\nprint(secret_scope, token_url)"]),
        ("NB120", ["token = '<PAD>'\npassword = getpass()\nsecret = ''"]),
        ("NB130", [READ, "df = df.sample(frac=0.5, random_state=1)", WRITE]),
        ("NB130", ["import numpy as np\nnp.random.seed(1)", READ, "df['r'] = np.random.rand(3)", WRITE]),
        ("NB110", [SPARK, "spark.sql('create table if not exists o (a int)')"]),
        ("NB132", [SPARK, "df.limit(5).show()\ndisplay(df.limit(5))\ndf.first()", "df.write.parquet('o')"]),
        ("NB132", [SPARK, "df.orderBy('a', 'b').limit(10).write.parquet('o')"]),
        ("NB132", [SPARK, "best = df.orderBy('a')", "best.limit(10).write.parquet('o')"]),
        (
            "NB132",
            [
                SPARK,
                "n = df.agg(F.max('a')).first()[0]\nm = spark.sql('select max(a) from t').collect()[0]",
                "use(n, m)",
            ],
        ),
        ("NB132", [SPARK, "df.dropDuplicates().write.parquet('o')"]),
        (
            "NB132",
            ["import pandas as pd\ndf = pd.read_csv('a.csv')", "x = df.groupby('a').first()", "x.to_csv('o.csv')"],
        ),
        ("NB132", [SPARK, "df.groupBy('a').agg(F.sort_array(F.collect_list('b'))).write.parquet('o')"]),
        ("NB133", [READ, "df = df.sample(frac=0.5, random_state=1)", WRITE]),
        ("NB162", [READ, "k = 1\ndef f(x):\n    k = 2\n    return x * k", "k = 2", "df['y'] = f(df.x)", WRITE]),
        ("NB163", [READ, "import json\nfrom __future__ import annotations", "print(f'{json}')", WRITE]),
        ("NB163", [READ, "import json\n!python use.py", WRITE]),
        ("NB164", [READ, "print(df.shape)\ndf.info()\ndf.sort_values('a').to_csv('b.csv')\ndf.head()", WRITE]),
        ("NB165", ["import numpy as np", READ, "df['a'] = df['a'].astype(np.float64).fillna(0)", WRITE]),
        ("NB165", [READ, "rows = []\nrows.append(1)", WRITE]),
        ("NB140", [SPARK, "df = df.groupBy('a').agg(F.sum('b')).toPandas()", WRITE]),
        ("NB150", ["%matplotlib inline\n%load_ext autoreload", READ, WRITE]),
        ("NB161", [READ, "try:\n    df = df.dropna()\nexcept KeyError:\n    df = None", WRITE]),
    ],
)
def test_a_rule_leaves_alone_what_is_fine(code: str, cells: list[str]) -> None:
    assert code not in findings(*cells)


def test_an_ordinary_notebook_has_nothing_that_blocks() -> None:
    cells = [READ, "df.head()", "df['x'] = df.a * 2", "df.plot()", WRITE]
    assert all(finding.severity is not Severity.BLOCKS for finding in rules.find(analyse(notebook_of(*cells))))


def test_a_finding_points_at_the_place() -> None:
    found = findings(READ, "y = 1\ndf['k'] = ghost", WRITE)["NB102"]
    assert (found.cell, found.line) == (2, "df['k'] = ghost")
    assert found.span is not None
    assert found.line[found.span.column : found.span.end_column] == "ghost"


@pytest.mark.parametrize(
    ("code", "line", "fixed"),
    [
        ("NB165", "x = np.float(3)", "x = float(3)"),
        ("NB163", "import json", ""),
    ],
)
def test_a_fix_says_what_to_write_instead(code: str, line: str, fixed: str) -> None:
    found = findings("import numpy as np", READ, f"{line}\ny = np.pi", WRITE)[code]
    assert found.fix is not None
    span, rows = found.fix.span, f"{line}\ny = np.pi".split("\n")
    head, tail = rows[span.line - 1][: span.column], rows[span.end_line - 1][span.end_column :]
    assert "\n".join([*rows[: span.line - 1], head + found.fix.text + tail, *rows[span.end_line :]]).startswith(fixed)


def test_a_secret_is_never_said() -> None:
    secret = "ghp_" + "a1B2" * 9
    output = {2: (Output("stream", name="stdout", text=f"token {secret}"),)}
    found = rules.find(analyse(notebook_of(READ, f"use('{secret}')", WRITE, outputs=output)))
    assert {finding.code for finding in found} >= {"NB120"}
    assert not any(secret in f"{finding.message}{finding.hint}{finding.line}" for finding in found)


@pytest.mark.parametrize(
    "secret",
    ["sk_live_" + "aB3" * 8, "SG." + "a1b2c3d4e5f6g7h8i9j0k1" + "." + "a1b2c3d4e5" * 4 + "abc", "npm_" + "a1B2" * 9],
)
def test_what_detect_secrets_knows_is_found_in_code_and_outputs_and_never_said(secret: str) -> None:
    line = f"df = df.append(get('{secret}'))" if not secret.startswith("npm") else f"x = '//r.io/:_authToken={secret}'"
    output = {1: (Output("stream", name="stdout", text=f"it is //r.io/:_authToken={secret}\n"),)}
    found = rules.find(analyse(notebook_of(READ, line, WRITE, outputs=output)))
    assert {(each.cell, each.severity) for each in found if each.code == "NB120"} >= {
        (1, Severity.WARNING), (2, Severity.BLOCKS),
    }  # fmt: skip
    assert not any(secret[8:16] in f"{each.message}{each.hint}{each.line}" for each in found)


def test_a_line_with_a_password_is_shown_by_no_finding() -> None:
    found = rules.find(analyse(notebook_of(READ, "df = df.append(connect(password='h0ney-b33'))", WRITE)))
    assert {"NB120", "NB165"} <= {each.code for each in found}
    assert not any("h0ney" in f"{each.message}{each.hint}{each.line}" for each in found)


def test_a_comment_or_a_tag_silences_a_rule() -> None:
    assert "NB131" not in findings(
        "import time\nfrom datetime import date\nd = date.today()  # nbpromote: ignore[NB131]", "print(d)"
    )
    assert "NB131" in findings("from datetime import date\nd = date.today()  # nbpromote: ignore[NB130]", "print(d)")


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.code)
def test_every_rule_is_explained_with_an_example(rule: rules.Rule) -> None:
    text = inspect.getdoc(sys.modules[rule.find.__module__]) or ""
    assert text.startswith(f"{rule.code}: ")
    assert "\nExample:\n    " in text


def test_codes_are_not_used_twice() -> None:
    codes = [rule.code for rule in rules.RULES]
    assert len(set(codes)) == len(codes)


def test_a_finding_that_blocks_is_left_out_only_by_its_name() -> None:
    cell = "key = 'AKIAIOSFODNN7EXAMPLE'"
    assert "NB120" in findings(READ, f"{cell}  # nbpromote: ignore", WRITE)
    assert "NB120" not in findings(READ, f"{cell}  # nbpromote: ignore[NB120]", WRITE)


def test_a_name_that_a_function_uses_is_told_where_the_function_is_called() -> None:
    found = findings(READ, "def f():\n    return ghost\ndef g():\n    return f()", "df['k'] = g()", WRITE)["NB102"]
    assert (found.cell, found.line, found.message) == (3, "df['k'] = g()", "uses ghost through g, which no cell binds")
    assert found.span is not None
    assert found.span.column == len("df['k'] = ")


def test_names_in_a_text_that_is_executed_do_not_block() -> None:
    found = findings(READ, "exec('import z\\nghost = z.{}()'.format(df))", WRITE)
    assert "NB102" not in found or found["NB102"].severity is Severity.WARNING
