"""CPU seconds of ten rules on 5 million rows: Spark's own write, beside writes that judge. See README.md."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

import psutil  # noqa: E402

from commonlib import lake, receipts, validation  # noqa: E402
from commonlib.validation.rules import Rules  # noqa: E402

receipts.show = lambda _: None

BY_ROW = validation.rules_of(
    [
        {"not_null": ["n", "t", "d"]},
        {"pattern": {"column": "t", "matches": "[0-9a-f]{32}"}},
        {"range": {"column": "k", "min": 0, "max": 999}},
        {"range": {"column": "x", "min": 0}},
        {"choices": {"column": "shop", "values": ["web", "shop", "phone"]}},
        {"type": {"column": "k", "is": "int"}},
        {"volume": {"min": 1}},
        {"drift": {"column": "x", "mean": "20%"}},
    ]
)
UNIQUE = Rules((*BY_ROW.rules, *validation.rules_of([{"unique": ["n"]}]).rules))
COLUMNS = (
    "id n", "cast(id % 1000 as int) k", "id * 1.5 x", "md5(cast(id as string)) t", "date '2020-01-01' d",
    "array('web', 'shop', 'phone')[id % 3] shop",
)  # fmt: skip


def cpu() -> float:
    """Seconds that this process and all that it started have used."""
    here = psutil.Process()
    return sum(sum(each.cpu_times()[:2]) for each in (here, *here.children(recursive=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--both-compilers", action="store_true", help="Java's C2 too, which the tuned start leaves out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAKE_ROOT"] = folder
        from commonlib.session import get_spark

        both = {"spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Duser.timezone=UTC"}
        session = get_spark(config=both if options.both_compilers else {})
        session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        frame = session.range(0, options.rows, 1, 8).selectExpr(*COLUMNS)
        aside = replace(BY_ROW, policy="set_aside")
        works: dict[str, Callable[[], object]] = {
            "Spark's own write": lambda: frame.write.parquet(f"{folder}/plain"),
            "lake.write": lambda: lake.write(frame, "derived/a"),
            "publish, ten rules": lambda: validation.publish(frame, "validated/a", BY_ROW),
            "publish, ten rules, set_aside": lambda: validation.publish(frame, "validated/b", aside),
            "publish, ten rules and a key": lambda: validation.publish(frame, "validated/c", UNIQUE),
        }
        best: dict[str, tuple[float, float]] = {}
        for number in range(options.rounds + 1):
            for name, work in works.items():
                began, used = time.perf_counter(), cpu()
                work()
                found = cpu() - used, time.perf_counter() - began
                if number:  # the first round warms up
                    best[name] = min(best.get(name, found), found)
                for each in Path(folder).iterdir():
                    shutil.rmtree(each)
        for name, (used, wall) in best.items():
            print(f"{name:30} {used:6.1f} CPU s {wall:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
