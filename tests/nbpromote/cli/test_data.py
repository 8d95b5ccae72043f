"""`nbpromote data`: what is in the lake, how it came to be, what changed, and whether it is whole."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from commonlib import lake
from commonlib.lake import lineage, tables
from nbpromote.cli import main

NAME = "derived/value"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a lake."""
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("COMMONLIB_RUN", json.dumps({"id": "r-17", "commit": "abc123"}))
    monkeypatch.setattr(lineage, "_read", {})  # what tests before this one read, in the same process
    return tmp_path / "lake"


def write(rows: int, **columns: object) -> lake.Version:
    return tables.put(pd.DataFrame({"n": range(rows), **columns}), NAME)


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["data", *words]) == code
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    return shown.out + shown.err


def test_show_says_what_a_version_holds_and_how_it_came_to_be(root, capsys):
    lake.write(pd.DataFrame({"spend": [1.5]}), "validated/purchases")
    lake.read_pandas("validated/purchases")
    write(3, city=["Basel", None, None])
    write(5)
    shown = told(capsys, "show", NAME, "--version", "1")
    for said in (
        "version 1\n",
        "rows       3\n",
        "validated/purchases version 1",
        "run        r-17",
        "commit     abc123",
    ):
        assert said in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["n", "bigint", "0", "to", "2"] in lines
    assert ["city", "string", "2", "null", "Basel"] in lines
    assert "version 2, the latest" in told(capsys, "show", NAME)
    first = lake.versions(NAME)[0].manifest.created
    assert "version 1\n" in told(capsys, "show", NAME, "--as-of", first)
    assert "first version there is, 1" in told(capsys, "show", NAME, "--as-of", "2020-01-01T00:00Z", code=2)
    assert "does not say its time zone" in told(capsys, "show", NAME, "--as-of", "2020-01-01", code=2)
    assert "no version 3; there are 1 to 2" in told(capsys, "show", NAME, "--version", "3", code=2)
    assert "no version was ever committed" in told(capsys, "show", "derived/none", code=2)


def test_history_shows_what_each_version_wrote_from_what_and_by_which_run(root, capsys):
    for day in ("1997-09-30", "1997-12-31", "1997-09-30"):
        lake.write(pd.DataFrame({"n": [1, 2]}), NAME, partition={"run_date": day})
    lines = told(capsys, "history", NAME).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["3", "2", "1"]
    assert [line.split()[3] for line in lines[1:]] == ["4", "4", "2"]
    assert "run_date=1997-12-31" in lines[2]
    assert "r-17" in lines[2]
    assert "and 2 older versions" in told(capsys, "history", NAME, "-n", "1")


def test_diff_shows_columns_rows_nulls_and_files_that_changed(root, capsys):
    write(3, city=["Basel", None, None])
    write(5, city=["Basel"] * 5, country=["CH"] * 5)
    shown = told(capsys, "diff", NAME, "1", "2")
    assert "rows       3 → 5 (+2)" in shown
    assert "files      0 kept, 1 new, 1 gone" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["+", "country", "string"] in lines
    assert ["~", "city", "2", "→", "0"] in lines
    assert ["-", "country", "string"] in [line.split() for line in told(capsys, "diff", NAME, "2", "1").splitlines()]
    write(5, city=["Basel"] * 5, country=["CH"] * 5)
    assert "the same content byte for byte" in told(capsys, "diff", NAME, "2", "3")


def test_diff_of_partitions_names_those_that_changed(root, capsys):
    for day, rows in (("a", 1), ("b", 2), ("b", 3), ("c", 4)):
        lake.write(pd.DataFrame({"n": range(rows)}), NAME, partition={"day": day})
    shown = told(capsys, "diff", NAME, "2", "4")
    lines = [line.split() for line in shown.splitlines()]
    assert "partitions, 1 the same" in shown
    assert ["~", "day=b", "2", "→", "3", "rows"] in lines
    assert ["+", "day=c", "4", "rows"] in lines
    assert "day=a" not in shown


def test_show_and_diff_say_the_least_and_greatest_values(root, capsys):
    for day, numbers in (("a", [1, 2]), ("b", [1200, 7])):
        lake.write(pd.DataFrame({"n": numbers, "city": ["Basel", "Zug"]}), NAME, partition={"day": day})
    lines = [line.split() for line in told(capsys, "show", NAME).splitlines()]
    assert ["n", "bigint", "1", "to", "1,200"] in lines
    assert ["city", "string", "Basel", "to", "Zug"] in lines
    lake.write(pd.DataFrame({"n": [7], "city": ["Bern"]}), NAME, partition={"day": "b"})
    lines = [line.split() for line in told(capsys, "diff", NAME, "2", "3").splitlines()]
    assert ["~", "n", "1", "to", "1,200", "→", "1", "to", "7"] in lines
    assert not [line for line in lines if line[1:2] == ["city"]]


def test_each_view_is_there_as_json(root, capsys):
    for day in ("a", None):
        lake.write(pd.DataFrame({"n": [1, 2]}), NAME, partition={"day": day})

    def read(*words: str) -> list[dict[str, object]]:
        found = json.loads(told(capsys, *words, "--format", "json"))
        return found if isinstance(found, list) else [found]

    assert [(one["dataset"], one["version"], one["rows"]) for one in read("list")] == [(NAME, 2, 4)]
    (shown,) = read("show", NAME)
    assert (shown["rows"], shown["statistics"], shown["nulls"]) == (4, {"n": {"min": 1, "max": 2}}, {})
    assert len(shown["files"]) == 2
    assert [one["partition"] for one in read("history", NAME)] == [{"day": None}, {"day": "a"}]
    (changed,) = read("diff", NAME, "1", "2")
    assert changed["parts"] == [{"name": "day=null", "before": None, "after": 2}]
    assert [one["damage"] for one in read("verify")] == [[]]
    Path(lake.latest(NAME).paths[0]).unlink()
    assert json.loads(told(capsys, "verify", "--format", "json", code=1))[0]["damage"][0]["kind"] == "missing"


def test_verify_finds_each_kind_of_damage_and_names_file_and_versions(root, capsys):
    versions = [write(100), write(200), write(300), write(400)]
    assert "whole" in told(capsys, "verify")

    Path(versions[0].paths[0]).unlink()
    flipped = Path(versions[1].paths[0])
    content = bytearray(flipped.read_bytes())
    content[50] ^= 1
    flipped.write_bytes(content)
    with Path(versions[2].paths[0]).open("ab") as stream:
        stream.write(b"more")
    shutil.copy(versions[3].paths[0], Path(versions[3].path) / "part-00001.parquet")
    left = Path(versions[3].path).with_name("_attempt=19990101T000000-dead")
    left.mkdir()
    (left / "part-00000.parquet").write_bytes(b"half")
    lake.write(pd.DataFrame({"n": [1]}), "derived/other")

    shown = told(capsys, "verify", code=1)
    lines = [line.strip() for line in shown.splitlines()]
    names = [f"{NAME}/{version.files[0].path}" for version in versions]
    assert any(line.startswith(f"missing    {names[0]}: ") and line.endswith("in version 1") for line in lines)
    assert any(line.startswith(f"changed    {names[1]}: sha256") for line in lines)
    assert any(line.startswith(f"changed    {names[2]}: ") and "bytes, not" in line for line in lines)
    assert any(line.startswith(f"extra      {names[3].replace('00000.', '00001.')}: ") for line in lines)
    assert sum(line.startswith(("missing", "changed", "extra", "unreadable")) for line in lines) == 4
    assert "1 folder of writes that are under way or died" in shown
    assert "whole  derived/other" in shown
    assert "whole" in told(capsys, "verify", "derived/other")


def test_verify_finds_a_log_that_was_tampered_with(root, capsys):
    for rows in (1, 2, 3):
        write(rows)
    log = root / NAME / "_log"
    (log / f"{1:020d}.json").unlink()
    (log / f"{2:020d}.json").write_bytes(b"{")
    shown = told(capsys, "verify", NAME, code=1)
    assert f"missing    {NAME}/_log/{1:020d}.json" in shown
    assert f"unreadable {NAME}/_log/{2:020d}.json" in shown
    shutil.copy(log / f"{3:020d}.json", log / f"{4:020d}.json")
    assert "it says that it is of derived/value version 3" in told(capsys, "verify", code=1)


def test_verify_takes_what_spark_leaves_beside_its_files_for_what_it_is(root, capsys):
    version = write(3)
    for name in ("_SUCCESS", ".part-00000.parquet.crc", "._SUCCESS.crc"):
        (Path(version.path) / name).write_bytes(b"")
    assert "whole" in told(capsys, "verify")


def test_carried_files_and_sources_are_verified_too(root, capsys):
    for number in range(3):
        with lake.write_file("derived/model", f"{number}.txt") as path:
            Path(path).write_text(str(number))
    lake.file("derived/model", "1.txt")
    Path(lake.file("derived/model", "0.txt")).write_text("7")
    assert "in version 1 to 3" in told(capsys, "verify", code=1)


def test_the_tool_reads_the_lake_without_pandas_pyarrow_or_spark(root):
    write(1)
    write(2)
    code = f"""
import sys
from nbpromote.cli import main
for words in ("show {NAME}", "history {NAME}", "diff {NAME} 1 2", "verify", "list"):
    assert main(["data", *words.split()]) == 0
assert not {{"pandas", "pyarrow", "pyspark", "obstore"}} & {{*sys.modules}}
"""
    source = Path(__file__).parents[3]
    path = os.pathsep.join((str(source / "src"), str(source)))
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})
