"""A lake in S3, on moto's server, and in Azure Blob, on Azurite: the same protocol, by If-None-Match."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import emulators
import pandas as pd
import pyarrow as pa
import pytest

from commonlib import lake
from commonlib.lake import buckets, failpoints, logs, paths, spark_remote
from commonlib.lake.storage import open_storage

pytest.importorskip("moto")
NAME = "derived/scores"
ODD = ["1997-09-30", "00123", "1d", "1e5", "a/b=c %41 é", "日本", "null", "..", " ", "x'y\"z", "{a}[b]*?", "%2F", "a+b"]


STARTED = {"s3": emulators.s3, "azure": emulators.azure}


@pytest.fixture(scope="module", params=STARTED)
def emulator(request):
    started = STARTED[request.param]()
    try:
        found = started.__enter__()
    except emulators.NotHere as error:
        pytest.skip(str(error))
    yield found
    started.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def root(emulator, monkeypatch, request, tmp_path) -> str:
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_"))]:
        monkeypatch.delenv(name)
    bucket = f"bucket-{abs(hash(request.node.name))}"
    place = f"{emulator.scheme}://{bucket}/some/lake"
    for name, value in {**emulator.environment, "HOME": str(tmp_path), "LAKE_ROOT": place}.items():
        monkeypatch.setenv(name, value)
    emulator.make_bucket(bucket)
    return place


def frame(number: int, rows: int = 1000) -> pd.DataFrame:
    return pd.DataFrame({"n": [number] * rows})


def values(version: int | None = None) -> list[int]:
    return list(lake.read_pandas(NAME, version=version)["n"])


def start(code: str, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    here = os.pathsep.join((str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": here} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_is_written_is_what_is_read_by_pandas_and_pyarrow(root):
    table = pa.table(
        {"id": ["00123", None], "n": [1, None]}, schema=pa.schema([("id", pa.string()), ("n", pa.int64())])
    )
    first = lake.write(table, NAME)
    assert first.paths == (f"{root}/{NAME}/{first.files[0].path}",)
    assert list(lake.read_pandas(NAME)["id"]) == ["00123", None]
    second = lake.write(frame(2, 3).assign(id="x"), NAME)
    assert (second.number, second.rows) == (2, 3)
    assert values(2) == [2, 2, 2]
    assert list(lake.read_pandas(NAME, as_of=first.manifest.moment)["id"]) == ["00123", None]
    assert list(logs.list_datasets()) == [NAME]
    assert logs.latest(NAME) == second
    third = lake.write(frame(9).assign(id="x"), NAME, key="k")
    assert lake.write(frame(8).assign(id="x"), NAME, key="k") == third


def test_partitions_of_any_spelling_come_back_as_they_were():
    for value in ODD:
        lake.write(frame(1, 1), "derived/odd", partition={"run_id": value})
    lake.write(frame(1, 2), "derived/odd", partition={"run_id": "00123"})
    assert sorted(lake.read_pandas("derived/odd")["run_id"]) == sorted([*ODD, "00123"])


def test_files_are_versions_too(tmp_path):
    for text in ("old", "new"):
        with lake.write_file("derived/model", "model.txt") as path:
            Path(path).write_text(text)
    assert Path(lake.file("derived/model", "model.txt")).read_text() == "new"
    assert Path(lake.file("derived/model", "model.txt", version=1)).read_text() == "old"
    with lake.write_folder("derived/model", "model") as path:
        (Path(path) / "data").mkdir(parents=True)
        for name in ("metadata", "data/part"):
            (Path(path) / name).write_text(name)
    place = Path(lake.folder("derived/model", "model"))
    assert [(place / name).read_text() for name in ("metadata", "data/part")] == ["metadata", "data/part"]


def test_whoever_dies_at_any_step_leaves_the_old_or_the_new_and_a_re_run_heals():
    write = "import sys, pandas as pd; from commonlib import lake; "
    write += "lake.write(pd.DataFrame({'n': [2] * 1000}), 'derived/scores', key=sys.argv[1])"
    for number, point in enumerate(failpoints.POINTS):
        lake.write(frame(1), NAME)
        writer = start(write, point, LAKE_FAILPOINT=point)
        assert writer.wait(60) == -signal.SIGKILL, f"{point} was never reached: {writer.communicate()}"
        committed = point == "after-publish"
        assert values() == [2 if committed else 1] * 1000, point
        assert len(lake.versions(NAME)) == 2 * number + 1 + committed, point
        lake.write(frame(2), NAME, key=point)
        assert values() == [2] * 1000
        assert len(lake.versions(NAME)) == 2 * (number + 1)


def test_writers_that_meet_lose_nothing_and_readers_see_whole_versions():
    many = """
import sys
import pandas as pd
from commonlib import lake
for number in range(8):
    lake.write(pd.DataFrame({"n": [int(sys.argv[1]) * 100 + number] * 500}), "derived/scores")
lake.write(pd.DataFrame({"n": [7] * 500}), "derived/scores", key="the same in all")
"""
    lake.write(frame(0, 500), NAME)
    writers = [start(many, str(number + 1)) for number in range(2)]
    looks = 0
    while any(writer.poll() is None for writer in writers):
        found = values()
        assert (len(found), len(set(found))) == (500, 1)
        looks += 1
    assert [writer.wait() for writer in writers] == [0, 0], [writer.communicate() for writer in writers]
    assert looks > 3
    versions = lake.versions(NAME)
    assert [version.number for version in versions] == list(range(1, 1 + 16 + 1 + 1))
    seen = [values(version.number)[0] for version in versions]
    assert sorted(seen) == sorted([0, 7, *(w * 100 + n for w in (1, 2) for n in range(8))])


def test_of_many_that_create_one_entry_one_wins_and_it_alone_is_read():
    from concurrent.futures import ThreadPoolExecutor

    storage = open_storage()
    for number in range(10):
        path = paths.log_path(paths.parse_dataset(NAME), number + 1)
        with ThreadPoolExecutor(8) as pool:
            contents = [f"{number} {writer}".encode() for writer in range(8)]
            won = list(pool.map(lambda content: storage.create(path, content, scratch=""), contents))  # noqa: B023
        assert won.count(True) == 1
        assert storage.read(path) == contents[won.index(True)]


def test_a_create_whose_answer_was_lost_is_one_commit(monkeypatch):
    import obstore
    from obstore.exceptions import GenericError

    real = obstore.put

    def put_and_lose_the_answer(*arguments, **options):
        real(*arguments, **options)
        monkeypatch.setattr(obstore, "put", real)
        raise GenericError("operation timed out")

    lake.write(frame(1), NAME)
    storage = open_storage()
    monkeypatch.setattr(obstore, "put", put_and_lose_the_answer)
    path = paths.log_path(paths.parse_dataset(NAME), 2)
    assert storage.create(path, b"mine", scratch="")
    assert storage.create(path, b"mine", scratch="")  # the retry of the client itself, answered with 412
    assert not storage.create(path, b"another's", scratch="")


def test_no_credential_is_in_any_object_receipt_or_error(root, capsys, monkeypatch, emulator):
    lake.write(frame(1), NAME, partition={"day": "1"})
    lake.read_pandas(NAME)
    storage = open_storage()
    for name in storage.files("derived"):
        assert emulator.secret.encode() not in storage.read(f"derived/{name}")
        assert b"AKIAEXAMPLE" not in storage.read(f"derived/{name}")
    written = json.loads(storage.read(f"{NAME}/_log/{1:020d}.json"))
    assert root not in json.dumps(written)
    monkeypatch.setenv("LAKE_ROOT", f"{emulator.scheme}://no-such-bucket-here/lake")
    with pytest.raises(lake.StorageFailed, match=r"NoSuchBucket|ContainerNotFound") as refused:
        lake.write(frame(1), NAME)
    shown = capsys.readouterr()
    for said in (shown.out, shown.err, str(refused.value)):
        assert emulator.secret not in said
        assert "AKIAEXAMPLE" not in said


@pytest.mark.parametrize(
    "place",
    [
        "s3://key:secret@bucket/lake",
        "s3://bucket/lake?X-Amz-Signature=secret",
        "az://container/lake?sv=1&sig=secret",
        "abfss://container@account.dfs.core.windows.net/lake",
        "s3a://bucket/lake",
        "gs://bucket/lake",
        "s3://",
    ],
)
def test_a_place_with_credentials_or_of_another_kind_is_refused_without_saying_them(monkeypatch, place):
    monkeypatch.setenv("LAKE_ROOT", place)
    with pytest.raises(lake.BadName, match="write s3://bucket/prefix, without credentials") as refused:
        lake.write(frame(1), NAME)
    assert "secret" not in str(refused.value)


@pytest.mark.spark
def test_spark_without_a_connector_writes_and_reads_every_type_and_keeps_secrets_out_of_its_plans(
    spark, emulator, monkeypatch
):
    from commonlib.lake import spark_source

    every = """
        select id n, '00123' zip, cast(1.1 as decimal(5, 2)) d, timestamp '2020-01-01 12:00:00' t, date '2020-1-1' day,
               timestamp_ntz '2020-01-01 12:00:00' w, array(1) a, named_struct('x', 1) s, map('k', 1) m,
               if(id < 3, null, 'x') odd, true b, cast(1 as smallint) i, x'00' raw
        from range(2000)
    """
    frame = spark.sql(every).repartition(2)
    left = f"{NAME}/data"
    version = lake.write(frame, NAME)
    assert (version.rows, len(version.files)) == (2000, 2)
    back = lake.read(NAME)
    assert back.dtypes == frame.dtypes
    assert back.orderBy("n").head(5) == spark.sql(every).orderBy("n").head(5)
    assert emulator.secret not in back._jdf.queryExecution().toString()
    for value in ("00123", "1d", "a/b é"):
        lake.write(spark.range(3), "derived/odd", partition={"run_id": value})
    assert sorted({row.run_id for row in lake.read("derived/odd").collect()}) == ["00123", "1d", "a/b é"]
    assert lake.write(spark.range(0), "derived/none").rows == lake.read("derived/none").count() == 0

    parts = "select id n, if(id = 0, null, if(id = 1, '', concat('a/b é', id % 3))) k, id % 2 = 0 even from range(9)"
    lake.write(spark.sql(parts), "derived/parted", partition={"run_id": "1"}, partition_by=["k", "even"])
    by_spark = sorted((row.n, row.k, row.even) for row in lake.read("derived/parted").collect())
    assert by_spark == [(row.n, row.k, row.even) for row in spark.sql(parts).orderBy("n").collect()]
    assert "run_id=1/k=a%2Fb é0/even=false" in {
        file.slot.rpartition("/")[0] for file in lake.latest("derived/parted").files
    }
    lake.write(spark.sql(parts).limit(0), "derived/parted", partition={"run_id": "1"}, partition_by=["k", "even"])
    assert lake.read("derived/parted").count() == 0

    # A task that ran twice leaves a file that is on no list.
    storage = open_storage()
    real = spark_source.Writer.write

    def write_twice(self, iterator):
        batches = list(iterator)
        real(self, iter(batches))
        return real(self, iter(batches))

    monkeypatch.setattr(spark_source.Writer, "write", write_twice)
    monkeypatch.setattr(spark_remote, "_known", {})
    again = lake.write(frame, NAME)
    attempt = again.path.rpartition("/")[2]
    assert len([name for name in storage.files(f"{left}/{attempt}") if name.endswith(".parquet")]) == 4
    assert (again.rows, len(again.files), lake.read(NAME).count()) == (2000, 2, 2000)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    buckets._store.cache_clear()
    with pytest.raises(lake.LakeError, match=r"needs obstore: pip install 'nbpromote\[(s3|azure)\]'"):
        lake.read_pandas(NAME)


@pytest.mark.usefixtures("spark")
def test_ingest_keeps_the_original_and_spark_lands_the_same_from_it(tmp_path, monkeypatch):
    from commonlib import ingest
    from commonlib.ingest import distributed

    source = tmp_path / "p.csv"
    source.write_text('customer,spend\n1,11.77\n"2\n",12.00\n3\n')
    schema = tmp_path / "p.yml"
    schema.write_text("format: csv\ncolumns:\n- {name: customer, type: text}\n- {name: spend, type: 'decimal(10,2)'}\n")
    ingest.ingest(source, "raw/purchases", schema)
    version = logs.latest("raw/purchases")
    assert version.rows == 2
    (original,) = version.manifest.sources
    assert open_storage().read(f"raw/purchases/{original.path}") == source.read_bytes()
    monkeypatch.setattr(distributed, "BYTES", 10)
    by_spark = ingest.ingest(source, "raw/by_spark", schema, engine="spark")
    assert (by_spark.rows, by_spark.malformed) == (2, 1)
    assert lake.read_pandas("raw/by_spark").equals(lake.read_pandas("raw/purchases"))


def test_a_source_there_lands_and_one_that_is_not_there_is_told(root, emulator):
    import obstore

    from commonlib import ingest

    bucket = root.split("/")[2]
    for name, content in (("in/a.csv", b"a\n1\n"), ("in/sub/b.csv", b"a\n2.5\n"), ("in/_SUCCESS", b"")):
        obstore.put(buckets.store(emulator.scheme, bucket), name, content)
    landed = ingest.ingest(f"{emulator.scheme}://{bucket}/in", "raw/many")
    assert landed.files == (("a.csv", 1, 0), ("sub/b.csv", 1, 0))
    assert ingest.ingest(f"{emulator.scheme}://{bucket}/in/a.csv", "raw/one").rows == 1
    with pytest.raises(ingest.IngestError, match="nothing of this name"):
        ingest.ingest(f"{emulator.scheme}://{bucket}/no", "raw/no")
    with pytest.raises(ingest.IngestError, match="holds a credential"):
        ingest.ingest(f"{emulator.scheme}://key:{emulator.secret}@{bucket}/in", "raw/no")


def test_the_tool_shows_and_verifies_a_lake_there_and_says_what_it_cannot_do_there(
    emulator, tmp_path, monkeypatch, capsys
):
    import obstore

    from nbpromote.cli import main

    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    monkeypatch.chdir(tmp_path)
    versions = [lake.write(frame(number), NAME) for number in range(3)]
    for words in (["list"], ["show", NAME], ["history", NAME], ["diff", NAME, "1", "2"], ["verify"]):
        assert main(["data", *words]) == 0
    storage = open_storage()
    key = f"some/lake/{NAME}/{versions[0].files[0].path}"
    obstore.put(storage._store, key, b"x" * versions[0].files[0].bytes)
    obstore.delete(storage._store, f"some/lake/{NAME}/{versions[1].files[0].path}")
    capsys.readouterr()
    assert main(["data", "verify"]) == 1
    shown = capsys.readouterr().out
    assert f"changed    {NAME}/{versions[0].files[0].path}: sha256" in shown
    assert f"missing    {NAME}/{versions[1].files[0].path}" in shown
    assert not (tmp_path / f"{emulator.scheme}:").exists()
