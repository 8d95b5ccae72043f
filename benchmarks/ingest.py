"""CPU seconds and memory to make typed Parquet of a large CSV: ingest beside DuckDB, Polars and plain pyarrow.

    python benchmarks/ingest.py [--megabytes 1000] [--beside PYTHON] [--folder FOLDER]

PYTHON is that of an environment with duckdb, polars and pyarrow; what it lacks is skipped. Each tool runs in a process
of its own. The others are told the types of the columns that they would guess wrongly; ingest runs with all types from
a schema, and with none. It also hashes the source, keeps a copy of it, and proves and hashes what it wrote.
"""

import argparse
import datetime
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = "id,zip,customer,ordered,shipped,quantity,price,rate,city,active,note\n"
CITIES = ["Berlin", "São Paulo", "New York", "Köln", "Tokyo", "Oslo", "Rio de Janeiro", "Zürich"]
NOTES = ["", "ok", '"late, but fine"', '"said ""hello"""', "plain text of a customer", "x"]
SCHEMA = """format: csv
columns:
  - {name: id, type: integer}
  - {name: zip, type: text}
  - {name: customer, type: integer}
  - {name: ordered, type: date}
  - {name: shipped, type: timestamp_ntz}
  - {name: quantity, type: integer}
  - {name: price, type: "decimal(18,2)"}
  - {name: rate, type: "decimal(18,6)"}
  - {name: city, type: text}
  - {name: active, type: boolean}
  - {name: note, type: text}
"""
MEASURE = """
import resource, sys, time
start = time.time()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, time.time() - start, used.ru_maxrss // 1024)
"""
OTHERS = {
    "duckdb": """
import duckdb
types = {{"zip": "VARCHAR", "price": "DECIMAL(18,2)", "rate": "DECIMAL(18,6)"}}
duckdb.sql(f"copy (select * from read_csv({source!r}, header=true, types={{types}})) to {target!r} (format parquet)")
""",
    "polars": """
import polars as pl
types = {{"zip": pl.String, "price": pl.Decimal(18, 2), "rate": pl.Decimal(18, 6)}}
pl.scan_csv({source!r}, schema_overrides=types, try_parse_dates=True).sink_parquet({target!r})
""",
    "pyarrow": """
import pyarrow as pa, pyarrow.csv as csv, pyarrow.parquet as pq
types = {{"zip": pa.string(), "price": pa.decimal128(18, 2), "rate": pa.decimal128(18, 6)}}
rows = csv.open_csv({source!r}, read_options=csv.ReadOptions(block_size=8 << 20),
    parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=csv.ConvertOptions(column_types=types))
with pq.ParquetWriter({target!r}, rows.schema) as out:
    for batch in rows:
        out.write_batch(batch)
""",
}
OURS = """
from commonlib.ingest import __main__ as command
assert command.main([{source!r}, "--dataset=raw/made", *{options!r}]) == 0
"""


def make(path: Path, megabytes: int) -> None:
    """A CSV of the size, with ids, codes, dates, times, decimals, words and quoted notes, the same every time."""
    chance, number = random.Random(1), 0
    day, moment = datetime.date(2000, 1, 1), datetime.datetime(2015, 1, 1)
    days = [str(day + datetime.timedelta(each)) for each in range(9000)]
    moments = [str(moment + datetime.timedelta(seconds=chance.randrange(86400 * 3000))) for _ in range(500_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        while file.tell() < megabytes * 1_000_000:
            lines = []
            for _ in range(50_000):
                price = chance.randrange(1, 100_000_000)
                lines.append(
                    f"{number},{chance.randrange(100_000):05d},{chance.randrange(10**9, 10**10)},{chance.choice(days)},"
                    f"{chance.choice(moments)},{chance.randrange(1, 1000)},{price // 100}.{price % 100:02d},"
                    f"0.{chance.randrange(10**6):06d},{chance.choice(CITIES)},{chance.choice(['true', 'false'])},"
                    f"{chance.choice(NOTES)}\n"
                )
                number += 1
            file.write("".join(lines))


def measure(python: str, work: str, folder: Path) -> tuple[float, float, int] | None:
    """CPU seconds, seconds and megabytes of a process that does the work; None when it cannot."""
    lake = folder / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    environment = {**os.environ, "LAKE_ROOT": str(lake), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-c", MEASURE.format(work=work)], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        print(f"  skipped: {done.stderr.strip().splitlines()[-1]}")
        return None
    cpu, wall, memory = done.stdout.strip().splitlines()[-1].split()
    return float(cpu), float(wall), int(memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--beside", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--source", type=Path, help="keep the file that is made here, or take it when it is there")
    parser.add_argument("--folder", type=Path, help="where to make the file; some four times its size must fit")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        source, schema = options.source or folder / "made.csv", folder / "made.yml"
        if not source.exists():
            make(source, options.megabytes)
        if not options.rounds:
            return
        schema.write_text(SCHEMA, encoding="utf-8")
        size = source.stat().st_size / 1e6
        print(f"{size:,.0f} MB; the best of {options.rounds} rounds: CPU seconds, seconds, MB of memory")
        target = str(folder / "out.parquet")
        works = {
            name: (options.beside, work.format(source=str(source), target=target)) for name, work in OTHERS.items()
        }
        for name, given in {"ingest, types inferred": [], "ingest, types given": [f"--schema={schema}"]}.items():
            works[name] = (sys.executable, OURS.format(source=str(source), options=given))
        for name, (python, work) in works.items():
            found = [each for _ in range(options.rounds) if (each := measure(python, work, folder)) is not None]
            if found:
                cpu, wall, memory = min(found)
                print(f"{name:24} {cpu:6.1f} {wall:6.1f} {memory:6,}", flush=True)


if __name__ == "__main__":
    main()
