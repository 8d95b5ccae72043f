"""Running a notebook on a kernel of its own: what happened is known, and nothing is left behind."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import nbformat.v4
import psutil
import pytest

from nbpromote.effects.kernels import offline
from nbpromote.effects.kernels.execution import CellStatus, Executed, Progress, Status, execute
from nbpromote.effects.kernels.session import HiddenCodeFailed

pytestmark = pytest.mark.kernel


def notebook(*sources: str, parameters: str | None = None) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources, 1)]
    if parameters is not None:
        cells.insert(0, nbformat.v4.new_code_cell(parameters, id="declared", metadata={"tags": ["parameters"]}))
    return nbformat.v4.new_notebook(cells=cells)


def run(root: Path, *sources: str, **options: object) -> Executed:
    declared = options.pop("declared", None)
    options.setdefault("cwd", root)
    return execute(notebook(*sources, parameters=declared), root=root, **options)  # type: ignore[arg-type]


def text(executed: Executed, cell_id: str) -> str:
    (cell,) = [cell for cell in executed.notebook.cells if cell.id == cell_id]
    return "".join(output.get("text", "") for output in cell.outputs)


def kernels(mark: str) -> set[int]:
    """The kernels on this machine that were started with this mark in their environment."""
    found = set()
    for process in psutil.process_iter(["pid", "cmdline"]):
        if "ipykernel_launcher" not in (process.info["cmdline"] or ()):
            continue
        with contextlib.suppress(psutil.Error):
            if process.environ().get("STARTED_BY") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.info["pid"])
    return found


@pytest.fixture(autouse=True)
def no_kernel_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    mark = uuid.uuid4().hex
    monkeypatch.setenv("STARTED_BY", mark)
    yield
    end = time.monotonic() + 5
    while kernels(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert kernels(mark) == set()


def test_a_run_has_its_parameters_its_folder_and_its_library(tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "library.py").write_text("value = 40\n")
    seen: list[Progress] = []
    executed = run(
        tmp_path,
        "import os, library",
        "print(os.getcwd(), library.value + more, name)",
        declared="more = 1\nname = 'x'",
        cwd=folder,
        parameters={"more": 2, "name": None},
        on_cell=seen.append,
    )
    assert executed.status is Status.DONE
    assert text(executed, "cell-2") == f"{folder} 42 None\n"
    assert [cell.id for cell in executed.notebook.cells] == ["declared", "injected-parameters", "cell-1", "cell-2"]
    assert [(run.cell_id, run.number, run.status) for run in executed.cells] == [
        ("declared", 1, CellStatus.COMPLETED),
        ("injected-parameters", 0, CellStatus.COMPLETED),
        ("cell-1", 2, CellStatus.COMPLETED),
        ("cell-2", 3, CellStatus.COMPLETED),
    ]
    assert all(run.seconds is not None and run.seconds >= 0 for run in executed.cells)
    assert (executed.peak_memory or 0) > 10_000_000
    assert [(p.position, p.total) for p in seen if p.seconds is not None] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert "cells" not in json.dumps(executed.notebook.metadata), "the notebook holds a copy of itself"


def test_hidden_code_runs_around_the_notebook_and_is_not_in_it(tmp_path: Path) -> None:
    executed = run(tmp_path, "x = hidden + 1\nx", preamble="hidden = 1; print('before')", epilogue="print('after', x)")
    assert (executed.preamble_output, executed.epilogue_output) == ("before\n", "after 2\n")
    (cell,) = executed.notebook.cells
    assert cell.execution_count == 1
    assert cell.outputs[0].data["text/plain"] == "2"
    with pytest.raises(HiddenCodeFailed, match="preamble failed in the kernel: ZeroDivisionError"):
        run(tmp_path, "x = 1", preamble="1 / 0")


def test_a_failing_cell_ends_the_run_and_what_follows_was_not_reached(tmp_path: Path) -> None:
    saved = tmp_path / "out" / "executed.ipynb"
    saved.parent.mkdir()
    executed = run(tmp_path, "a = 1", "raise ValueError('too few rows')", "b = 1", output_path=saved)
    assert executed.status is Status.FAILED
    assert executed.failure is not None
    assert str(executed.failure) == "cell 2: ValueError: too few rows"
    assert [run.status for run in executed.cells] == [CellStatus.COMPLETED, CellStatus.FAILED, CellStatus.NOT_REACHED]
    on_disk = json.loads(saved.read_text())
    assert [cell["metadata"]["papermill"]["status"] for cell in on_disk["cells"]] == ["completed", "failed", "pending"]
    assert [cell["id"] for cell in on_disk["cells"]] == ["cell-1", "cell-2", "cell-3"]
    assert list(saved.parent.iterdir()) == [saved]


def test_a_cell_that_may_fail_does_not_end_the_run(tmp_path: Path) -> None:
    executed = run(tmp_path, "1 / 0", "print('still here')", allow_errors_in={"cell-1"})
    assert executed.status is Status.DONE
    assert text(executed, "cell-2") == "still here\n"
    assert executed.cells[0].status is CellStatus.FAILED


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", r"crashed \(SIGSEGV\)"),
        ("os._exit(7)", "exit code 7"),
    ],
)
def test_a_dead_kernel_is_noticed_within_seconds_and_named(tmp_path: Path, ending: str, words: str) -> None:
    begun: list[float] = []
    executed = run(
        tmp_path,
        "import os, signal",
        ending,
        "print('never')",
        on_cell=lambda progress: begun.append(time.monotonic()),
    )
    assert executed.status is Status.DEAD
    assert time.monotonic() - begun[2] < 8
    assert executed.failure is not None
    assert executed.failure.number == 2
    assert re.search(words, executed.failure.message)
    assert [run.status for run in executed.cells] == [CellStatus.COMPLETED, CellStatus.FAILED, CellStatus.NOT_REACHED]


def test_a_cell_or_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    by_cell = run(tmp_path, "import time", "time.sleep(60)", cell_timeout=1)
    assert by_cell.status is Status.TIMED_OUT
    assert by_cell.seconds < 20
    assert "longer than the 1 s" in str(by_cell.failure)
    by_run = run(tmp_path, "import time", *["time.sleep(1)"] * 60, timeout=4)
    assert by_run.status is Status.TIMED_OUT
    assert by_run.seconds < 20
    assert "the run took longer than the 4 s" in str(by_run.failure)


@pytest.mark.parametrize("where", ["itself", "a child"])
def test_a_run_that_takes_more_memory_than_it_was_given_is_ended_and_named(tmp_path: Path, where: str) -> None:
    grow = "held = []\nwhile True:\n    held.append(b'x' * 10_000_000)"
    if where == "a child":
        grow = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {grow!r}])"
    executed = run(tmp_path, "1", grow, "2", memory=400_000_000)
    assert str(executed.failure) == "cell 2: MemoryLimit: the run used more than the 400 MB that it was given"
    assert executed.cells[-1].status is CellStatus.NOT_REACHED


def test_what_a_run_did_is_known_also_when_its_kernel_dies_after_the_last_cell(tmp_path: Path) -> None:
    dies = "class Session:\n    def getActiveSession():\n        os.kill(os.getpid(), 9)\n"
    dies += "sys.modules['pyspark.sql'] = types.SimpleNamespace(SparkSession=Session)"  # which the end of a run asks
    executed = run(tmp_path, "import os, sys, types", f"print('all done')\n{dies}", timeout=60)
    assert executed.status is Status.DEAD
    assert executed.failure is not None
    assert str(executed.failure).startswith("cell 2: DeadKernel: after this cell, the last one: the kernel was killed")
    assert text(executed, "cell-2") == "all done\n"
    assert [one.status for one in executed.cells] == [CellStatus.COMPLETED] * 2


@pytest.mark.skipif(offline.why_not() is not None, reason="this system has no network namespaces for this user")
def test_a_run_without_a_network_has_the_loopback_only(tmp_path: Path) -> None:
    executed = run(
        tmp_path,
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname()).close()",
        "print([name for _, name in socket.if_nameindex()])",
        "socket.create_connection(('192.0.2.1', 80), timeout=5)",
        has_network=False,
    )
    assert text(executed, "cell-2") == "['lo']\n"
    assert executed.failure is not None
    assert (executed.failure.number, "unreachable" in executed.failure.message) == (3, True)


def test_a_notebook_may_end_early_on_purpose(tmp_path: Path) -> None:
    executed = run(tmp_path, "import sys", "sys.exit()", "print('never')")
    assert executed.status is Status.EXITED
    assert executed.failure is None
    assert run(tmp_path, "import sys", "sys.exit('no data')").status is Status.FAILED
    assert run(tmp_path, "quit()", "raise ValueError('never')").status is Status.EXITED


def test_a_kernel_closes_its_socket_when_no_thread_writes_to_it_any_more(tmp_path: Path) -> None:
    watched = """
        import functools, threading, time
        from ipykernel.iostream import IOPubThread
        def late(pipe, threading, time, self):
            time.sleep(0.2 if threading.current_thread().name == "Control" else 0.0)
            return pipe(self)
        def told(stop, threading, self):
            with open("order.txt", "w") as file:
                file.write(" ".join(one.name for one in threading.enumerate()))
            stop(self)
        late = functools.partial(late, IOPubThread._event_pipe.fget, threading, time)
        told = lambda self, told=told, stop=IOPubThread.stop, threading=threading: told(stop, threading, self)
        IOPubThread._event_pipe, IOPubThread.stop = property(late), told
    """
    assert run(tmp_path, textwrap.dedent(watched)).status is Status.DONE
    threads = (tmp_path / "order.txt").read_text()
    assert "MainThread" in threads
    assert "Control" not in threads, "it would be waited for until the kernel is killed, now and then"


def test_start_up_files_of_the_developer_are_no_part_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_up = tmp_path / "home/.ipython/profile_default/startup"
    start_up.mkdir(parents=True)
    (start_up / "00.py").write_text("secret_helper = 1\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    executed = run(tmp_path, "print('secret_helper' in globals())")
    assert text(executed, "cell-1") == "False\n"


def test_children_of_a_kernel_go_with_it(tmp_path: Path) -> None:
    source = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint(child.pid)"
    for ending in ("pass", "import os; os._exit(1)"):
        executed = run(tmp_path, source, ending)
        pid = int(text(executed, "cell-1"))
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


_CHILD = """
    import sys
    from pathlib import Path
    import nbformat.v4 as v
    from nbpromote.effects.kernels.execution import execute
    def started(progress):
        if "sleep" in progress.source and progress.seconds is None:
            print("running", flush=True)
    cells = [v.new_code_cell("import time; x = 1", id="a"), v.new_code_cell("time.sleep(600)", id="b")]
    try:
        here = Path(".")
        execute(v.new_notebook(cells=cells), cwd=here, root=here, on_cell=started, output_path=here / "out.ipynb")
    except KeyboardInterrupt as interrupt:
        print(interrupt.executed.status, interrupt.executed.failure)
        sys.exit(130)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_kernel_is_left_when_the_runner_is_interrupted_or_killed(tmp_path: Path, sent: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_CHILD)],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "running\n"
    time.sleep(0.5)
    child.send_signal(sent)
    said, complained = child.communicate(timeout=30)
    if sent is signal.SIGINT:
        assert (child.returncode, said) == (130, "interrupted cell 2: Interrupted\n")
        assert complained == ""
        on_disk = json.loads((tmp_path / "out.ipynb").read_text())
        assert [cell["metadata"]["papermill"]["status"] for cell in on_disk["cells"]] == ["completed", "failed"]


def test_papermills_own_command_runs_on_the_engine(tmp_path: Path) -> None:
    nbformat.write(notebook("print(x)", parameters="x = 1"), tmp_path / "in.ipynb")
    code = "import nbpromote.effects.kernels.execution, papermill.cli; papermill.cli.papermill()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    arguments = [
        "in.ipynb",
        "out.ipynb",
        "--engine",
        "nbpromote",
        "-k",
        "python3",
        "--language",
        "python",
        "-p",
        "x",
        "5",
    ]
    subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    executed = nbformat.read(tmp_path / "out.ipynb", 4)
    assert executed.cells[-1].outputs[0].text == "5\n"


def test_an_error_that_comes_while_a_value_is_shown_has_its_name(tmp_path: Path) -> None:
    source = (
        "class Shy:\n    def __repr__(self):\n        raise KeyError('no')\n"
        "    def _repr_html_(self):\n        raise KeyError('no')\n\nShy()"
    )
    executed = run(tmp_path, source)
    assert executed.status is Status.FAILED
    assert executed.failure is not None
    assert executed.failure.name == "KeyError"


def test_a_figure_that_cannot_be_drawn_fails_its_cell(tmp_path: Path) -> None:
    draw = "import matplotlib.pyplot as plt\nplt.figure().suptitle(r'$\\\\tau$');"
    executed = run(tmp_path, draw, "print('next')")
    assert executed.status is Status.FAILED
    assert executed.failure is not None
    assert (executed.failure.cell_id, executed.failure.name) == ("cell-1", "ValueError")
    assert [cell.status for cell in executed.cells] == [CellStatus.FAILED, CellStatus.NOT_REACHED]


def test_a_secret_of_the_environment_is_in_nothing_that_is_kept(tmp_path: Path) -> None:
    executed = run(
        tmp_path,
        "import os\nsecret = os.environ['DB_PASSWORD']\nprint('with', secret)",
        "from IPython.display import HTML\nHTML(f'<b>{secret}</b>')",
        "{'password': secret}",
        "import pandas as pd\npd.DataFrame({'a': [os.environ['API_TOKEN']]})",
        "raise ValueError(f'{secret} was refused')",
        environment={"DB_PASSWORD": "hunter\"2's", "API_TOKEN": "qwertz" * 20},
        output_path=tmp_path / "executed.ipynb",
    )
    assert executed.failure is not None
    assert executed.failure.message == "<secret DB_PASSWORD> was refused"
    kept = [json.dumps(executed.notebook), (tmp_path / "executed.ipynb").read_text(), str(executed.failure.traceback)]
    assert [word in text for text in kept for word in ("hunter", "qwertz")] == [False] * 6
    assert "with <secret DB_PASSWORD>" in text(executed, "cell-1")
