"""Kernels that are forked of a process that stays: like fresh ones, and nothing is left of any of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat.v4
import psutil
import pytest

from commonlib.java import find_java
from commonlib.lake import logs
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.kernels.execution import Executed, Status, execute
from nbpromote.effects.kernels.warm import client
from nbpromote.effects.kernels.warm.circumstances import folder as folder_of
from nbpromote.effects.kernels.zygote.servers import sweep, why, work_prefix
from nbpromote.effects.running.warm_spark import lent
from nbpromote.notebook import read
from nbpromote.running.request import RunRequest
from tests.nbpromote.effects.kernels.place_of_what_stays import eventually, staying

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forks kernels"),
]
_LOOK = """\
import json, os, sys, random
import numpy
import pyspark.sql.connect.logging as told
print(json.dumps({
    "is_silent": told.logger.disabled,
    "pid": os.getpid(), "parent": os.getppid(), "leader": os.getsid(0), "group": os.getpgid(0), "cwd": os.getcwd(),
    "path": sys.path, "argv": sys.argv[:2], "environ": {k: v for k, v in os.environ.items() if k not in (
        "JPY_PARENT_PID", "IPYTHONDIR", "SPARK_CONF_DIR", "NBPROMOTE_WARM", "COLUMNS", "LINES", "PYTEST_CURRENT_TEST")},
    "main": [__name__, sys.modules["__main__"].__name__, hasattr(sys.modules["__main__"], "Keeper")],
    "files": len(os.listdir("/proc/self/fd")),
    "ours": sorted(m for m in sys.modules if m.split(".")[0] in ("nbpromote", "commonlib", "zygote")),
    "umask": os.umask(0o22), "signals": [str(__import__("signal").getsignal(n)) for n in (2, 15, 17)],
    "random": [random.random(), float(numpy.random.rand())], "cores": sorted(os.sched_getaffinity(0)),
}))
"""


def run(root: Path, *sources: str, **options: object) -> Executed:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources, 1)]
    options = {"is_prepared": True, "cwd": root, **options}
    return execute(nbformat.v4.new_notebook(cells=cells), root=root, **options)  # type: ignore[arg-type]


def text(executed: Executed) -> str:
    assert executed.failure is None, executed.failure
    return "".join(output.get("text", "") for output in executed.notebook.cells[0].outputs)


def test_a_forked_kernel_is_like_a_fresh_one_and_shares_nothing_with_the_next(place: Path, tmp_path: Path) -> None:
    fresh = json.loads(text(run(tmp_path, _LOOK, is_prepared=False, environment={"MINE": "x"}, cores=(0,))))
    ones = [json.loads(text(run(tmp_path, _LOOK, environment={"MINE": "x"}, cores=(0,)))) for _ in range(2)]
    (found,) = client.status()
    assert found["forked"] == 2
    assert [one["parent"] for one in ones] == [found["pid"]] * 2
    assert ones[0]["pid"] != ones[1]["pid"]
    assert not {*ones[0]["random"]} & {*ones[1]["random"]}
    for one in (fresh, *ones):
        assert one["leader"] == one["group"] == one.pop("pid")
        for name in ("parent", "leader", "group", "random"):
            del one[name]
    assert abs(ones[0].pop("files") - fresh["files"]) <= 4  # OpenBLAS, Arrow
    assert ones[1].pop("files")
    del fresh["files"]
    for one in ones:
        assert {name: (one[name], fresh[name]) for name in fresh if one[name] != fresh[name]} == {}
    assert fresh["cores"] == [0]


def test_a_forked_kernel_shows_the_figures_that_a_fresh_one_shows(place: Path, tmp_path: Path) -> None:
    cells = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
        "plt.figure(figsize=(2, 1))\nprint(plt.get_backend())",
    )
    fresh, first, second = (run(tmp_path, *cells, is_prepared=is_prepared) for is_prepared in (False, True, True))
    assert fresh.notebook.cells[0].outputs[0].data.keys() == {"text/plain", "image/png"}
    for one in (first, second):
        assert [cell.outputs for cell in one.notebook.cells] == [cell.outputs for cell in fresh.notebook.cells]


def test_what_a_notebook_leaves_to_the_end_of_python_happens_at_the_end_of_a_forked_kernel(
    place: Path, tmp_path: Path
) -> None:
    (tmp_path / "kept.py").write_text("opened = open('module', 'w')\nopened.write('by a module')\n")
    code = """
        import atexit, sys, threading, time, weakref
        import numpy, kept
        opened = open("names", "w"); opened.write("by a name")
        numpy.opened = open("old", "w"); numpy.opened.write("by a module that was there before")
        def write(name): open(name, "w").write("written")
        atexit.register(write, "atexit")
        class Round:
            def __init__(self): self.itself = self
            def __del__(self): write("cycle")
        Round()
        weakref.finalize(sys, write, "finalized")
        threading.Thread(target=lambda: (time.sleep(0.3), write("thread"))).start()
    """
    expected = {"module", "names", "old", "atexit", "cycle", "finalized", "thread"}
    for is_prepared in (False, True):
        cwd = tmp_path / str(is_prepared)
        cwd.mkdir()
        text(run(tmp_path, textwrap.dedent(code), is_prepared=is_prepared, cwd=cwd))
        assert {one.name for one in cwd.iterdir() if one.read_text()} == expected
    assert client.status()[0]["forked"] == 1


def test_how_a_forked_kernel_ends_is_known(place: Path, tmp_path: Path) -> None:
    crashed = run(tmp_path, "import os; os.abort()")
    assert crashed.status is Status.DEAD
    assert "SIGABRT" in crashed.failure.message
    ended = run(tmp_path, "import os; os._exit(3)")
    assert "exit code 3" in ended.failure.message
    late = run(
        tmp_path, "import subprocess, time\nsubprocess.Popen(['sleep', '98765'])\ntime.sleep(60)", cell_timeout=1
    )
    assert late.status is Status.TIMED_OUT
    assert eventually(
        lambda: (
            not any("98765" in one.info["cmdline"] for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"])
        )
    )
    assert client.status()[0]["in_use"] == 0


def test_a_run_whose_process_that_stays_is_killed_ends_and_the_next_one_works(place: Path, tmp_path: Path) -> None:
    first = run(tmp_path, "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)")
    assert first.status is Status.DEAD
    assert eventually(lambda: not staying(place))
    assert text(run(tmp_path, "print('again')")) == "again\n"
    assert len(client.status()) == 1


def test_a_runner_that_is_killed_takes_its_kernel_along(place: Path, tmp_path: Path) -> None:
    program = textwrap.dedent(f"""\
        import nbformat.v4
        from pathlib import Path
        from nbpromote.effects.kernels.execution import execute
        cell = nbformat.v4.new_code_cell("open('pid', 'w').write(str(__import__('os').getpid()))\\nwhile True: pass")
        folder = Path({str(tmp_path)!r})
        execute(nbformat.v4.new_notebook(cells=[cell]), cwd=folder, root=folder, is_prepared=True)
    """)
    runner = subprocess.Popen([sys.executable, "-c", program])
    pid = tmp_path / "pid"
    assert eventually(lambda: pid.exists() and pid.read_text(), 60)
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    assert eventually(lambda: not psutil.pid_exists(int(pid.read_text())))


def test_runs_that_begin_at_once_share_one_process_that_stays(place: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        parents = set(pool.map(lambda _: text(run(tmp_path, "import os; print(os.getppid())")), range(3)))
    assert parents == {f"{client.status()[0]['pid']}\n"}


@pytest.mark.parametrize("why", ["a module in the way", "no private folder", "turned off", "it does not begin"])
def test_where_nothing_can_be_forked_a_kernel_is_started(
    why: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "a module in the way":
        (tmp_path / "pandas.py").write_text("mine = True\n")
    elif why == "no private folder":
        (place / f"nbpromote-{os.getuid()}").mkdir(mode=0o777)
        (place / f"nbpromote-{os.getuid()}").chmod(0o777)
    elif why == "turned off":
        monkeypatch.setenv("NBPROMOTE_WARM", "0")
    else:
        monkeypatch.setattr(client, "_BEGIN", "raise SystemExit(4)")
    assert text(run(tmp_path, "import os; print(os.getppid())")) == f"{os.getpid()}\n"


def test_it_ends_when_nobody_has_used_it_for_long(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBPROMOTE_WARM", "1")
    run(tmp_path, "1")
    assert eventually(lambda: not staying(place))
    assert not list(place.rglob("socket"))


def test_another_python_path_or_hash_seed_or_package_is_another_process(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = folder_of(os.environ)
    assert folder_of({**os.environ, "PYTHONPATH": "/x", "LAKE_ROOT": "/y"}) == ours
    assert folder_of({**os.environ, "PYTHONHASHSEED": "7"}) != ours
    assert folder_of({**os.environ, "OMP_NUM_THREADS": "7"}) != ours
    packages = place / "site-packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(str(packages))
    more = folder_of(os.environ)
    os.utime(packages, (1, 1))
    assert len({ours, more, folder_of(os.environ)}) == 3


def test_what_a_killed_server_left_goes_and_that_of_another_place_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here, there = ("/run/user/1/nbpromote-0/abc", "/run/user/2/nbpromote-0/abc")  # each is called by its circumstances
    ours, theirs = Path(f"{work_prefix(here)}x"), Path(f"{work_prefix(there)}x")
    for folder in (ours, theirs):
        (folder / "blocks").mkdir(parents=True)
    sweep(here)
    assert not ours.exists()
    assert (theirs / "blocks").is_dir()


_SHARED = """\
from commonlib.session import get_spark
from commonlib.domain import f
from pyspark.sql import functions as F
spark = get_spark("x", config={"spark.sql.shuffle.partitions": 3, "spark.ui.enabled": "false"})
there = spark.sql("show tables").collect()
spark.range(2).select(F.udf(f, "long")("id").alias("f")).createOrReplaceTempView("mine")
print(type(spark).__module__, len(there), sorted(row.f for row in spark.table("mine").collect()),
      spark.conf.get("spark.sql.session.timeZone"))
"""


@pytest.mark.parametrize(
    ("code", "log", "told"),
    [
        (137, "", "it was killed (SIGKILL; most often the system was out of memory)"),  # its Java
        (-9, "", "it was killed (SIGKILL; most often the system was out of memory)"),  # itself
        (134, "", "it was killed (SIGABRT)"),
        (52, "", "it was out of memory"),
        (1, "java.lang.OutOfMemoryError: Java heap space", "it was out of memory"),
        (255, "", "it ended itself (exit code 255)"),
    ],
)
def test_why_a_server_ended_is_told_by_its_exit_code_and_its_log(code: int, log: str, told: str) -> None:
    assert why(code, log) == told


def _workers(server: int) -> list[psutil.Process]:
    below = psutil.Process(server).children(recursive=True)
    return [one for one in below if one.status() != psutil.STATUS_ZOMBIE and "pyspark.daemon" in one.cmdline()]


_SERVER = """\
import atexit, json, os, pathlib, sys
atexit.register(lambda: pathlib.Path("atexit").touch())
print(json.dumps({
    "name": __name__, "argv": sys.argv, "cwd": os.getcwd(), "path": sys.path, "mine": os.environ["MINE"],
    "leads": os.getsid(0) == os.getpid(), "is_forked": "zygote.main" in pathlib.Path("/proc/self/cmdline").read_text(),
    "ours": sorted(m for m in sys.modules if m.split(".")[0] in ("nbpromote", "commonlib")),
}), flush=True)
print(sys.stdin.readline(), file=sys.stderr)
sys.exit(7)
"""


def test_a_server_that_is_forked_is_like_one_that_python_starts(place: Path, tmp_path: Path) -> None:
    def served(folder: Path) -> dict[str, object]:
        (folder / "serves.py").write_text(_SERVER)
        answer, connection = client.share(
            folder.name, [sys.executable, "-m", "serves"], user="me", cwd=str(folder),
            env={**os.environ, "MINE": "x", "PYTHONPATH": str(folder)}, secret="s",
        )  # fmt: skip
        assert len(client.status()[0]["servers"]) == 1
        connection.close()  # it is told to release what "me" had, and ends itself
        assert eventually(lambda: not client.status()[0]["servers"])
        assert (folder / "atexit").is_file()
        del answer["pid"]
        return answer

    (tmp_path / "plain").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "numpy.py").write_text("")  # which its imports would find
    forked, started = served(tmp_path / "plain"), served(tmp_path / "other")
    assert (forked.pop("is_forked"), started.pop("is_forked")) == (True, False)
    assert forked == json.loads(json.dumps(started).replace(str(tmp_path / "other"), str(tmp_path / "plain")))


_KEEPS = "from commonlib.session import get_spark\nprint(get_spark().read.csv('rows.csv').cache().count())"


def test_a_server_whose_folder_was_cleared_is_followed_by_another_in_a_folder_of_any_name(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "serves.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps({'java': os.environ['JAVA_TOOL_OPTIONS'], 'folder': os.environ['TMPDIR']}), flush=True)\n"
        "sys.stdin.read()\n"
    )
    odd = tmp_path / """it's a "folder\""""
    odd.mkdir()
    monkeypatch.setenv("TMPDIR", str(odd))

    def asked() -> dict[str, str]:
        answer, connection = client.share(
            "s", [sys.executable, "-m", "serves"], user="me", cwd=str(tmp_path),
            env={**os.environ, "PYTHONPATH": str(tmp_path), "JAVA_TOOL_OPTIONS": "-Dmine=1"}, secret="s",
        )  # fmt: skip
        connection.close()
        return answer

    first = asked()
    assert asked() == first
    options = first["java"].removeprefix("-Dmine=1 ")
    told = subprocess.run(
        [find_java(os.environ)[0].executable, "-XshowSettings:properties", "-version"],
        capture_output=True, text=True, check=True, env={**os.environ, "JAVA_TOOL_OPTIONS": options},
    ).stderr  # fmt: skip
    assert f"java.io.tmpdir = {first['folder']}\n" in told
    shutil.rmtree(odd)
    second = asked()
    assert second["pid"] != first["pid"]
    assert Path(second["folder"]).is_dir()
    assert len(client.status()[0]["servers"]) == 1


@pytest.mark.spark
def test_runs_share_a_spark_in_sessions_of_their_own_with_the_commonlib_of_the_moment(
    place: Path, tmp_path: Path
) -> None:
    shutil.copytree(Path(__file__).parents[4] / "commonlib", tmp_path / "commonlib")
    domain = tmp_path / "commonlib" / "domain.py"
    path = tmp_path / "notebooks/production/a.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"# %%\n{_SHARED}")
    notebook = read(path, name="a.py")
    request = RunRequest("", "notebooks/production/a.py", spark="warm")

    def shared(addend: int) -> str:
        domain.write_text(f"def f(x):\n    return x + {addend}\n")
        with lent(Repository(tmp_path), notebook, request) as spark:
            assert spark.reason == ""
            assert client.status()[0]["servers"][0]["users"] == 1
            return text(run(tmp_path, _SHARED, environment=spark.environment))

    assert shared(1) == "pyspark.sql.connect.session 0 [1, 2] UTC\n"
    (server,) = client.status()[0]["servers"]
    assert shared(5) == "pyspark.sql.connect.session 0 [5, 6] UTC\n"
    assert client.status()[0]["servers"] == [server]
    for rows in (1, 2):  # what one run keeps of a file in memory is nothing to the next, which it would be older than
        (tmp_path / "rows.csv").write_text("a\n" * rows)
        with lent(Repository(tmp_path), notebook, request) as spark:
            assert text(run(tmp_path, _KEEPS, environment=spark.environment)) == f"{rows}\n"
        assert eventually(lambda: client.status()[0]["servers"][0]["users"] == 0)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with lent(Repository(tmp_path), notebook, request) as spark:
        own = {**spark.environment, "TMPDIR": str(scratch)}
        died = run(tmp_path, f"{_SHARED}\nimport os; os.abort()", environment=own)
        assert died.status is Status.DEAD
        assert not list(scratch.iterdir())  # nor what it was sent with, which a killed kernel would not remove
        assert _workers(server["pid"])
    assert eventually(lambda: not _workers(server["pid"]))  # of no session, also not of the one whose kernel died
    os.kill(server["pid"], signal.SIGKILL)
    assert eventually(lambda: not client.status()[0]["servers"])
    with lent(Repository(tmp_path), notebook, request) as spark:
        assert spark.environment
    (stays,) = client.status()
    java = [one for one in psutil.Process(stays["pid"]).children(recursive=True) if "java" in one.name()]
    assert java
    os.kill(stays["pid"], signal.SIGKILL)  # the server ends itself when nobody holds its input
    assert eventually(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in java))
    with lent(Repository(tmp_path), notebook, replace(request, memory=1 << 30)) as spark:
        assert spark.environment == {}
        assert "limit on memory" in spark.reason
    with lent(Repository(tmp_path), notebook, replace(request, notebook="notebooks/adhoc/a.py")) as spark:
        assert "no production notebook" in spark.reason


_WRITES = """\
# %% tags=["parameters"]
seconds: int = 0

# %%
import pathlib, time
from commonlib import lake
from commonlib.session import get_spark
from pyspark.sql import functions as F
spark = get_spark("x")
marker = str(pathlib.Path("begun").absolute())

# %%
@F.udf("long")
def slow(value):
    pathlib.Path(marker).touch()
    time.sleep(seconds)
    return value

lake.write(spark.range(2).select(slow("id").alias("id")), "derived/a")
"""


@pytest.mark.spark
def test_a_run_ends_within_seconds_when_the_java_of_its_shared_spark_is_killed(place: Path, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[4] / "commonlib", tmp_path / "commonlib")
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    path = tmp_path / "notebooks/production/a.py"
    path.parent.mkdir(parents=True)
    path.write_text(_WRITES)

    def begin(seconds: int) -> "subprocess.Popen[str]":
        words = ["run", str(path), "-p", f"seconds={seconds}", "--spark", "warm"]
        return subprocess.Popen(
            [sys.executable, "-m", "nbpromote.cli", *words], cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    first = begin(120)
    assert eventually((tmp_path / "begun").exists, 60.0)
    (server,) = client.status()[0]["servers"]
    (java,) = [one for one in psutil.Process(server["pid"]).children(recursive=True) if one.name() == "java"]
    java.kill()
    told = " ".join(first.communicate(timeout=20)[0].split())
    assert first.returncode == 1
    assert "the Spark that runs share ended meanwhile: it was killed (SIGKILL" in told
    assert not client.status()[0]["servers"]
    (record,) = [json.loads(one.read_text()) for one in tmp_path.glob("runs/*/record.json")]
    assert (record["status"], record["failure"]["number"]) == ("failed", 3)
    assert logs.versions("derived/a", root=str(tmp_path / "lake")) == ()
    again = begin(0)
    assert again.communicate(timeout=120)[0]
    assert again.returncode == 0
    assert len(logs.versions("derived/a", root=str(tmp_path / "lake"))) == 1
    assert client.status()[0]["servers"][0]["pid"] != server["pid"]
