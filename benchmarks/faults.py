"""What readers see when a writer of data is killed, frozen, cut off, short of disk, or one of many: see README.md."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests" / "commonlib" / "lake")]

import emulators  # noqa: E402
import faults  # noqa: E402

SPARK = """
import sys
from commonlib.session import get_spark
from pyspark.sql import functions as sf
mode, place, rows, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
spark = get_spark(config={"spark.sql.sources.partitionOverwriteMode": "dynamic"} if mode == "dynamic" else {})
spark.sparkContext.setLogLevel("OFF")
while True:
    number += 1
    print("begin", number, flush=True)
    frame = spark.range(0, rows, 1, 8).select(sf.lit(number).alias("n"), (sf.col("id") % 4).alias("part"), sf.md5(sf.col("id").cast("string")).alias("text"))
    if mode == "lake":
        from commonlib import lake, receipts
        receipts.show = lambda receipt: None
        lake.write(frame, "derived/scores", key=str(number))
    else:
        writer = frame.write.partitionBy("part") if mode == "dynamic" else frame.write
        writer.mode("append" if mode == "append" else "overwrite").parquet(place)
    print("end", number, flush=True)
    if "once" in sys.argv:
        break
"""  # noqa: E501 - a program of its own
SPARK_ROWS = 400_000


def plain(mode: str, place: Path, ended: int) -> str | None:
    """What is wrong with what a plain reader sees after write number `ended`, while the next may be under way."""
    import pyarrow.dataset as ds

    try:
        found = ds.dataset(str(place), partitioning="hive" if mode == "dynamic" else None)
        if not found.files:
            return "all data gone"
        table = found.to_table(columns=["n"])
        seen = Counter(table.column("n").to_pylist())
    except (OSError, ValueError, KeyError) as error:
        return f"unreadable ({type(error).__name__})"
    if mode == "append":
        if any(count != SPARK_ROWS for count in seen.values()) or not set(range(1, ended + 1)) <= seen.keys():
            return "parts of a write, or one twice, or one lost"
        return None
    return None if len(seen) == 1 and set(seen.values()) == {SPARK_ROWS} else "old and new mixed, or parts of a write"


def spark_faults(mode: str, kills: int, looks: int, chance: random.Random, tally: faults.Tally) -> None:
    """One session after another writes, is frozen and looked at, then killed; then the write is run again."""
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "data"
            os.environ["LAKE_ROOT"] = str(Path(folder) / "lake")
            faults.ROWS = SPARK_ROWS
            state = {"begin": 0, "end": 0}

            def follow(process: "subprocess.Popen[str]", state: dict[str, int] = state) -> None:
                for line in process.stdout or ():
                    word, _, number = line.partition(" ")
                    if word in state:
                        state[word] = int(number)

            def wrong(place: Path = place, state: dict[str, int] = state) -> str | None:
                return faults.look()[0] if mode == "lake" else plain(mode, place, state["end"])

            with faults.writing(SPARK, mode, place, SPARK_ROWS, 0) as process:
                reader = threading.Thread(target=follow, args=(process,), daemon=True)
                reader.start()
                while state["end"] < 2 and process.poll() is None:
                    time.sleep(0.1)
                for _ in range(looks):
                    time.sleep(chance.random() * 0.6)
                    os.killpg(process.pid, signal.SIGSTOP)
                    tally.note("frozen", wrong())
                    os.killpg(process.pid, signal.SIGCONT)
                time.sleep(chance.random())
                faults.kill(process)
                reader.join(10)
            tally.note("killed", wrong())
            with faults.writing(SPARK, mode, place, SPARK_ROWS, state["end"], "once") as process:
                said = process.communicate()
            state["end"] += process.returncode == 0
            healed = wrong() or (f"the re-run failed: {said[1][-200:]}" if process.returncode else None)
            tally.note("run again", healed)
            if mode != "lake":
                left = [one for one in place.rglob("*") if "_temporary" in one.name or ".spark-staging" in one.name]
                tally.note("left behind", f"{len(left)} folders" if left else None)


def lake_faults(store: str, options: argparse.Namespace, chance: random.Random, tally: faults.Tally) -> None:
    """The lake on a disk or an emulator."""
    from commonlib.lake import failpoints

    with ExitStack() as stack:
        environment: dict[str, str] = {}
        if store == "disk":
            os.environ["LAKE_ROOT"] = stack.enter_context(tempfile.TemporaryDirectory()) + "/lake"
        else:
            emulator = stack.enter_context({"s3": emulators.s3, "azure": emulators.azure}[store]())
            os.environ.update(emulator.environment)
            emulator.make_bucket("faults")
            os.environ["LAKE_ROOT"] = f"{emulator.scheme}://faults/lake"
            real = (
                emulator.environment.get("AWS_ENDPOINT_URL")
                or emulator.environment["AZURE_STORAGE_CONNECTION_STRING"].rpartition("BlobEndpoint=")[2]
            )
            other = stack.enter_context(faults.unreliable(real, chance, options.share))
            environment = {name: value.replace(real, other) for name, value in emulator.environment.items()}
            environment["LAKE_TIMEOUT"] = "2"  # a call that is never answered is given up
        with faults.writing(faults.LAKE, faults.ROWS, 0, "once") as process:
            assert process.wait(120) == 0, process.communicate()
        for _ in range(max(1, options.kills // 20)):
            for point in failpoints.POINTS:
                faults.killed_at(point, tally)
        for _ in range(options.kills):
            faults.killed_after(chance.random() * 0.4, tally)
        faults.frozen(options.looks, chance, tally)
        faults.meet(8, options.writes, tally)
        if store != "disk":
            faults.cut_off(options.cuts, tally, environment)
        elif os.geteuid() == 0:
            _full(tally)


def _full(tally: faults.Tally) -> None:
    """The lake on a disk of 16 MB, which a file fills but for so many bytes."""
    with tempfile.TemporaryDirectory() as disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], check=True)
        try:
            os.environ["LAKE_ROOT"] = f"{disk}/lake"
            with faults.writing(faults.LAKE, faults.ROWS, 0, "once") as process:
                assert process.wait(120) == 0

            def run(code: str, free: int) -> "subprocess.CompletedProcess[str]":
                filler = Path(disk) / "filler"
                room = os.statvfs(disk)
                filler.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - free))
                here = {"PYTHONPATH": os.pathsep.join(sys.path)}
                command = [sys.executable, "-c", code, str(faults.ROWS), str(faults.look()[1]), "once"]
                done = subprocess.run(command, env=os.environ | here, capture_output=True, text=True, check=False)
                filler.unlink()
                return done

            faults.full(tally, run)
        finally:
            subprocess.run(["umount", "-l", disk], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("disk", "s3", "azure", "spark", "overwrite", "append", "dynamic"))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--writes", type=int, default=25, help="of each of 8 writers at once")
    parser.add_argument("--cuts", type=int, default=60, help="writes over a connection that fails")
    parser.add_argument("--share", type=float, default=0.3, help="of connections to an emulator that fail")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, tally, began = random.Random(options.seed), faults.Tally(), time.monotonic()
    try:
        if options.what in {"disk", "s3", "azure"}:
            lake_faults(options.what, options, chance, tally)
        else:
            mode = "lake" if options.what == "spark" else options.what
            spark_faults(mode, options.kills, options.looks, chance, tally)
    except KeyboardInterrupt:
        print("interrupted; until then:")
    failed = Counter(line.partition(":")[0] for line in tally.wrong)
    for name, count in tally.done.items():
        print(f"{name:24} {count:6}  wrong {failed[name]:4}")
    print(json.dumps({"what": options.what, "seconds": round(time.monotonic() - began), "wrong": Counter(tally.wrong)}))


if __name__ == "__main__":
    main()
