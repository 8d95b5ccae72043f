"""What a run says of its Spark: where it is, and whether an error may be of it."""

import json
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.effects.running.warm_spark import may_be_of_connect
from nbpromote.running.executed import Failure


@pytest.mark.parametrize(
    ("name", "message", "is_told"),
    [
        ("PySparkNotImplementedError", "[NOT_IMPLEMENTED] rdd is not implemented.", True),
        ("PySparkAttributeError", "[JVM_ATTRIBUTE_NOT_SUPPORTED] Attribute `_jdf` is not supported", True),
        ("PySparkRuntimeError", "[CONTEXT_UNAVAILABLE_FOR_REMOTE_CLIENT] Remote client cannot create one", True),
        ("AnalysisException", "[CANNOT_RESOLVE_DATAFRAME_COLUMN] Cannot resolve dataframe column", True),
        ("TypeError", "'Column' object is not callable", True),
        ("ArrowInvalid", "Could not convert 'a' with type str", True),
        ("AnalysisException", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `x` cannot be resolved", False),
        ("ZeroDivisionError", "division by zero", False),
    ],
)
def test_an_error_that_only_connect_gives_leads_to_a_spark_of_its_own(name: str, message: str, is_told: bool) -> None:
    assert ("--spark classic" in may_be_of_connect(Failure("a", 1, name, message))) is is_told


@pytest.mark.parametrize(
    ("name", "value", "source", "said"),
    [
        (
            "SPARK_REMOTE",
            "sc://spark.shop:15002/;token=hush",
            "spark.range(3).count()",
            "Spark: sc://spark.shop:15002\n",
        ),
        (
            "SPARK_REMOTE",
            "sc://spark.shop:15002",
            "spark.range(3).rdd.count()",
            "one of its own (it uses .rdd, which no",
        ),
        (
            "PYSPARK_SUBMIT_ARGS",
            "--master=spark://shop:7077 pyspark-shell",
            "spark.range(3).rdd",
            "spark://shop:7077\n",
        ),
    ],
)
def test_a_run_tells_where_the_environment_says_that_its_spark_is(
    name: str,
    value: str,
    source: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    path = tmp_path / "notebooks/production/a.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"# %%\nfrom commonlib.session import get_spark\n\nspark = get_spark()\n{source}\n")
    monkeypatch.setenv(name, value)
    assert main(["run", str(path), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert said in told
    assert "hush" not in told


@pytest.mark.kernel
@pytest.mark.spark
def test_a_notebook_that_no_connect_server_can_run_runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["init", str(tmp_path)]) == 0
    path = tmp_path / "notebooks/production/a.py"
    path.parent.mkdir(parents=True)
    path.write_text("# %%\nfrom commonlib.session import get_spark\n\nprint(get_spark().range(3).rdd.count())\n")
    monkeypatch.setenv("SPARK_REMOTE", "sc://localhost:1")  # where nobody listens
    assert main(["run", str(path)]) == 0
    (record,) = (json.loads(one.read_text()) for one in tmp_path.glob("runs/*/record.json"))
    assert record["spark"]["where"] == "classic: it uses .rdd, which no Spark Connect server has"
