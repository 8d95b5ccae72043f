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
        ("NB140", Severity.WARNING, [SPARK, "df = df.toPandas()", WRITE]),
        ("NB150", Severity.WARNING, ["!wget https://x.org/a.csv", READ, WRITE]),
        ("NB160", Severity.WARNING, [READ, "from math import *\ndf['s'] = sin(1)", WRITE]),
        ("NB161", Severity.WARNING, [READ, "try:\n    df = df.dropna()\nexcept Exception:\n    pass", WRITE]),
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
        ("NB120", ["token = '<PAD>'\npassword = getpass()\nsecret = ''"]),
        ("NB130", [READ, "df = df.sample(frac=0.5, random_state=1)", WRITE]),
        ("NB130", ["import numpy as np\nnp.random.seed(1)", READ, "df['r'] = np.random.rand(3)", WRITE]),
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


def test_a_secret_is_never_said() -> None:
    secret = "ghp_" + "a1B2" * 9
    output = {2: (Output("stream", name="stdout", text=f"token {secret}"),)}
    found = rules.find(analyse(notebook_of(READ, f"use('{secret}')", WRITE, outputs=output)))
    assert {finding.code for finding in found} >= {"NB120"}
    assert not any(secret in f"{finding.message}{finding.hint}{finding.line}" for finding in found)


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
