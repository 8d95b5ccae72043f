"""How fast the lake is: a commit beside Spark's own write, long logs, many partitions. See README.md."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parents[1])]

import pyarrow as pa  # noqa: E402

from commonlib import lake, receipts  # noqa: E402
from commonlib.lake import arrow_frames, commit, logs, manifest, paths  # noqa: E402

receipts.show = lambda _: None


def long_logs(count: int) -> None:
    """A dataset of so many versions, and one of so many partitions: listed, and the latest read."""
    versions = logs.open_log("derived/versions")
    _publish(versions, None, [0])
    first = versions.manifest(1)
    for number in range(2, count + 1):  # as so many commits would have left them, in less time
        path = Path(versions.storage.location(paths.log_path(versions.dataset, number)))
        created = first.moment + timedelta(seconds=number)
        path.write_bytes(replace(first, version=number, created=created.isoformat()).to_json())
    partitions = logs.open_log("derived/partitions")
    _publish(partitions, {"run_id": "run 0"}, range(count))
    for number in range(40):  # so that the latest version's list is a chain, as it is after runs
        _publish(partitions, {"run_id": f"run {number}"}, [number])
    for log in (versions, partitions):
        name = str(log.dataset)
        middle = log.numbers()[len(log.numbers()) // 2]
        moment = log.manifest(middle).created
        _timed(f"{name}: latest version", log.latest)
        _timed(f"{name}: version in the middle", partial(log.find, middle))
        _timed(f"{name}: as of its time", partial(log.find, as_of=moment))
        whole = {"partition": {"run_id": "one more"}} if log is partitions else {}
        _timed(f"{name}: one more commit", partial(lake.write, pa.table({"n": [1]}), name, **whole))
    _timed("list both", lambda: [logs.latest(one) for one in logs.list_datasets()])


def _publish(log: logs.Log, partition: dict[str, str] | None, numbers: Iterable[int]) -> None:
    """Commit files without the hashes of a real write: what is measured here is the log."""
    attempt = commit.begin(log, partition)
    location = log.storage.location(attempt.data_folder)
    arrow_frames.write(pa.table({"n": [1]}), location)
    top = attempt.folder.removeprefix(f"{log.dataset}/")
    slot = "run_id=run {}/" if partition else "{}-"
    files = tuple(
        manifest.DataFile(f"{top}/{slot.format(number)}part-00000.parquet", 1, "0" * 64, 1, {}) for number in numbers
    )
    columns = (manifest.Column("n", "bigint"),)
    commit.publish(log, attempt, commit.Draft("table", files, columns, replaces=attempt.slot or None))


def spark(rows: int, rounds: int) -> None:
    """Spark's own Parquet write beside the same through the lake, in turn."""
    from commonlib.session import get_spark

    session = get_spark()
    columns = ("id n", "cast(id % 1000 as int) k", "id * 1.5 x", "md5(cast(id as string)) t", "date '2020-01-01' d")
    frame = session.range(0, rows, 1, 8).selectExpr(*columns)
    session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    place = Path(os.environ["LAKE_ROOT"]) / "plain"
    times: dict[str, list[float]] = {"plain": [], "lake": []}
    cpu: dict[str, list[float]] = {"plain": [], "lake": []}
    for number in range(rounds + 1):
        for name, work in (
            ("plain", lambda number=number: frame.write.parquet(str(place / str(number)))),
            ("lake", lambda: lake.write(frame, "derived/big")),
        ):
            began, used = time.perf_counter(), _cpu()
            work()
            if number:  # the first of each warms the machine up
                times[name].append(time.perf_counter() - began)
                cpu[name].append(_cpu() - used)
                print(f"{name:6} {times[name][-1]:6.2f} s {cpu[name][-1]:6.2f} CPU s", flush=True)
    for what, found in (("wall", times), ("cpu", cpu)):
        added = median(found["lake"]) / median(found["plain"]) - 1
        print(f"{what}: the lake adds {added:+.1%} to plain Spark, by the medians")


def _cpu() -> float:
    """CPU seconds of this process and of those that it started."""
    import psutil

    here = psutil.Process()
    times = [one.cpu_times() for one in (here, *here.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _timed(what: str, work: Callable[[], object]) -> None:
    began, used = time.perf_counter(), time.process_time()
    work()
    _tell(what, time.process_time() - used, time.perf_counter() - began)


def _tell(what: str, cpu: float, wall: float | None = None) -> None:
    print(json.dumps({"what": what, "cpu": round(cpu, 3)} | ({"wall": round(wall, 3)} if wall is not None else {})))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("logs", "spark"))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAKE_ROOT"] = f"{folder}/lake"
        if options.what == "logs":
            long_logs(options.count)
        else:
            spark(options.rows, options.rounds)


if __name__ == "__main__":
    main()
