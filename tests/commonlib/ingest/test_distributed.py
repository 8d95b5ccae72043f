"""Spark lands what one process lands: the same types, rows, statistics, quarantine and words, wherever it cuts."""

import gzip
import hashlib
import random
from collections import Counter

import pyarrow as pa
import pyarrow.orc
import pytest

from commonlib import ingest, lake
from commonlib.ingest import distributed
from commonlib.lake import arrow_frames, logs

NOTES = ["", "ok", '"late, but\nfine"', '"said ""hello""\n,1,"', '5" pipe', '"open', "é😀", '"two"x', '""', "NA"]


def messy(rows: int, seed: int) -> str:
    """Codes, long integers, decimals, times, cells over several lines, rows that are too long, headers again."""
    chance = random.Random(seed)
    lines = ["id,zip,long,amount,day,when,note\n"]
    for number in range(rows):
        amount = f"{chance.randrange(10**6)}.{chance.randrange(100):02d}" if number != rows - 9 else "1.12345"
        lines.append(
            f"{number},{chance.randrange(10**5):05d},{chance.randrange(10**19, 10**20)},{amount},"
            f"2020-0{chance.randrange(1, 9)}-01,2020-01-01T10:00:0{chance.randrange(9)}Z,{chance.choice(NOTES)}\n"
        )
        if chance.random() < 0.03:
            lines.append(chance.choice(["1,2\n", "\n", "id,zip,long,amount,day,when,note\n", "1,2,3,4,5,6,7,8\n"]))
    return "".join(lines)


SCHEMA = """format: csv
columns:
  - {name: id, type: integer}
  - {name: zip, type: text}
  - {name: long, type: "decimal(20,0)"}
  - {name: amount, type: "decimal(10,2)"}
  - {name: day, type: date}
  - {name: when, type: timestamp, format: iso}
  - {name: note, type: text}
"""
FIXED = """format: fixed-width
columns:
  - {name: a, type: integer, start: 1, width: 4}
  - {name: b, type: text, start: 6, width: 3}
"""


def lines_of_json(rows: int) -> str:
    return "".join(
        f'{{"id": {number}, "big": {10**19 + number}, "m": {"true" if number == rows - 2 else number / 4}, '
        f'"in": {{"a": [{number}, 1.5], "b": "x\\n"}}}}\n' + ("{broken\n" if number % 50 == 7 else "")
        for number in range(rows)
    )


def table(folder):
    path = folder / "t.orc"
    pa.orc.write_table(pa.table({"n": pa.array([1, None, 3], pa.int16()), "t": ["a", "b", None]}), str(path))
    return path


def landed(source, dataset, schema, engine):
    """All that is kept of a source but what is another's each time: hashes of Parquet files, times, random names."""
    found = ingest.ingest(source, dataset, schema, engine=engine)
    version = logs.latest(dataset)
    said = version.manifest.details["ingest"]
    rows = [*map(repr, arrow_frames.read(version).to_pylist())]
    aside = []
    if found.quarantine is not None:
        aside = sorted(map(repr, arrow_frames.read(logs.latest(found.quarantine)).to_pylist()))
        said = {**said, "quarantine": len(aside)}
    nulls = sum((Counter(file.nulls) for file in version.files), Counter())
    kept = [(file.bytes, file.sha256) for file in version.manifest.sources]
    digest = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    return version.columns, version.rows, version.manifest.statistics, nulls, digest, said, aside, kept, found.files


@pytest.mark.parametrize("name", ["csv", "schema", "many files", "jsonl", "fixed", "orc"])
def test_spark_lands_a_source_as_one_process_does_wherever_it_is_cut(name, place, tmp_path, monkeypatch, spark):
    monkeypatch.setattr(distributed, "BYTES", 4_000)
    schema = None
    if name in ("csv", "schema"):
        source = place("a.csv", messy(600, 1))
    elif name == "many files":
        place("part/year=2020/a.csv", messy(150, 2))
        place("part/year=2021/b.csv.gz", gzip.compress(messy(90, 3).encode()))
        place("part/year=007/c.csv", "\ufeffzip,id,more\n1,x,2\n".encode("utf-16-le"))
        source = place("part/year=007/d.csv", "note,zip\n1,2\n").parent.parent
    elif name == "jsonl":
        source = place("a.jsonl", lines_of_json(300))
    elif name == "fixed":
        source = place("a.txt", "".join(f"{number:4d} é{number % 7}x\n" for number in range(900)) + "12\n   x abc\n")
    else:
        source = table(tmp_path)
    if name in ("schema", "fixed"):
        schema = place("a.yml", SCHEMA if name == "schema" else FIXED)
    one = landed(source, "raw/one", schema, "local")
    assert landed(source, "raw/other", schema, "spark") == one
    assert lake.latest("raw/other").rows > 0
    assert len(lake.latest("raw/other").files) > (name not in ("orc",))
