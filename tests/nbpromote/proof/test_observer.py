"""A notebook that is proven finds its own files again, and changes none that were there before."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OBSERVER = Path(__file__).parents[3] / "src/nbpromote/proof/observer"
# In a process of its own: audit hooks and patches stay for a process's life.
RUN = """
import importlib.util, json, sys
from IPython.core.interactiveshell import InteractiveShell
folder, cells, functions = sys.argv[2], *map(json.loads, sys.argv[3:])
shell = InteractiveShell.instance()
path = sys.argv[1]
spec = importlib.util.spec_from_file_location("_o", path + "/__init__.py", submodule_search_locations=[path])
observer = importlib.util.module_from_spec(spec)
sys.modules["_o"] = observer
spec.loader.exec_module(observer)
watch = [[source, f"cell {n}", []] for n, source in enumerate(cells, 1)]
settings = {"watch": watch, "functions": functions, "results": [], "redirect": True, "modules": []}
observer.start({"folder": folder, **settings})
for source in cells:
    result = shell.run_cell(source, store_history=True)
    error = result.error_in_exec or result.error_before_exec
    if error is not None:
        print("RAISED", type(error).__name__, error)
        break
observer.finish()
found = json.load(open(folder + "/evidence.json"))
print(json.dumps({"writes": [[one["target"], one["cell"]] for one in found["writes"]], "calls": found["calls"]}))
"""


class Ran(NamedTuple):
    """What a cell raised, what was written (target and cell), calls that were recorded, and what was printed."""

    raised: str
    writes: list[list[str]]
    calls: dict[str, list[dict[str, Any]]]
    printed: str


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ran]:
    """Runs cells in a folder with `there.txt` and `folder/inside.txt`, which are a day old."""
    home, folder = tmp_path / "home", tmp_path / "proof/observed"
    (home / "folder").mkdir(parents=True)
    folder.mkdir(parents=True)
    for path in (home / "there.txt", home / "folder/inside.txt", home / "folder"):
        if path.suffix:
            path.write_text("precious\n")
        os.utime(path, (1e9, 1e9))

    def ran(*cells: str, functions: Sequence[str] = ()) -> Ran:
        sources = [textwrap.dedent(cell) for cell in cells]
        command = [sys.executable, "-c", RUN, str(OBSERVER), str(folder), json.dumps(sources)]
        command.append(json.dumps({name: [] for name in functions}))
        environment = {**os.environ, "TMPDIR": str(tmp_path / "proof"), "IPYTHONDIR": str(tmp_path / "proof/ipython")}
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        raised = next((line for line in done.stdout.splitlines() if line.startswith("RAISED")), "")
        assert (home / "there.txt").read_text() == "precious\n"
        assert (home / "folder/inside.txt").read_text() == "precious\n"
        assert sorted(path.name for path in home.iterdir()) == ["folder", "there.txt"]
        found = json.loads(done.stdout.splitlines()[-1])
        return Ran(raised, found["writes"], found["calls"], "\n".join(done.stdout.splitlines()[:-1]))

    return ran


@pytest.mark.parametrize(
    "cell",
    [
        "open('there.txt', 'w').write('x')\nassert open('there.txt').read() == 'x'",
        "open('there.txt', 'a').write('x')\nassert open('there.txt').read() == 'precious\\nx'",
        "from pathlib import Path\nPath('there.txt').write_text('x')\nassert Path('there.txt').read_text() == 'x'",
        "import os\nopen('there.txt', 'w').write('x')\nassert open(os.path.abspath('there.txt')).read() == 'x'",
        "import pandas as p\np.DataFrame({'a': [1]}).to_csv('there.txt')\nassert len(p.read_csv('there.txt')) == 1",
        "import shutil\nshutil.copyfile('folder/inside.txt', 'there.txt')",
        "import logging\nlogging.basicConfig(filename='there.txt', force=True)\nlogging.error('x')\nlogging.shutdown()",
        "import json\nwith open('there.txt', 'w') as f:\n    json.dump({}, f)",
    ],
)
def test_a_write_goes_elsewhere_and_is_found_there(run: Callable[..., Ran], cell: str) -> None:
    raised, ((target, by),), *_ = run(cell)
    assert (raised, Path(target).name, by) == ("", "there.txt", "cell 1")


def test_a_new_file_is_there_for_the_notebook_and_gone_afterwards(run: Callable[..., Ran]) -> None:
    raised, writes, *_ = run(
        "import os\nos.makedirs('out/deep', exist_ok=True)\nopen('out/deep/new.txt', 'w').write('x')",
        "assert os.path.exists('out/deep/new.txt') and os.path.getsize('out/deep/new.txt') == 1",
        "os.rename('out/deep/new.txt', 'out/deep/newer.txt')\nassert open('out/deep/newer.txt').read() == 'x'",
        "os.remove('out/deep/newer.txt')\nassert not os.path.exists('out/deep/newer.txt')",
    )
    assert raised == ""
    assert writes == [["out/deep/new.txt", "cell 1"], ["out/deep/newer.txt", "cell 3"]]


@pytest.mark.parametrize(
    "cell",
    [
        "import os\nos.remove('there.txt')",
        "from pathlib import Path\nPath('there.txt').unlink()",
        "import os\nos.rename('there.txt', 'gone.txt')",
        "import shutil\nshutil.rmtree('folder')",
        "import shutil\nshutil.move('folder', 'elsewhere')",
        "import sqlite3\nsqlite3.connect('there.txt').execute('create table t (x)')",
        "import os\nos.write(os.open('there.txt', os.O_WRONLY | os.O_TRUNC), b'x')",
        "import os\nos.truncate('there.txt', 0)",
        "import os\nopen('new.txt', 'w').write('x')\nos.replace('there.txt', 'new.txt')",
    ],
)
def test_what_cannot_go_elsewhere_is_refused(run: Callable[..., Ran], cell: str) -> None:
    assert run(cell).raised.startswith(
        "RAISED Protected [Errno 1] the proof does not let a notebook change what was there"
    )


def test_libraries_write_their_temporary_files_and_caches(run: Callable[..., Ran]) -> None:
    raised, writes, *_ = run(
        "import tempfile, os\nf = tempfile.NamedTemporaryFile('w', delete=False)\nf.close()\nos.remove(f.name)",
        "with tempfile.TemporaryDirectory() as folder:\n    open(os.path.join(folder, 'x'), 'w').write('x')",
        "with tempfile.TemporaryFile() as f:\n    f.write(b'x')",
        "open(os.devnull, 'w').write('x')",
    )
    assert raised == ""
    assert [target for target, _ in writes if "there" in target] == []


def test_a_call_that_is_recorded_is_not_noticed(run: Callable[..., Ran]) -> None:
    found = run(
        "import random\nimport numpy as np\nrandom.seed(1)\nnp.random.seed(1)",
        "def drawn(n):\n    print('drawn')\n    return [random.random() + np.random.rand() for _ in range(n)]",
        "x = drawn(2)",
        "random.seed(1)\nnp.random.seed(1)\nassert x == [random.random() + np.random.rand() for _ in range(2)]",
        functions=["drawn"],
    )
    assert found.raised == ""
    assert found.printed == "drawn"
    assert [call["args"] for call in found.calls["drawn"]] == [[2]]


def test_a_function_that_writes_writes_once_and_is_not_recorded(run: Callable[..., Ran]) -> None:
    found = run(
        "def noted(line):\n    with open('there.txt', 'a') as file:\n        file.write(line)",
        "noted('x')",
        "assert open('there.txt').read() == 'precious\\nx'",
        functions=["noted"],
    )
    assert (found.raised, found.calls) == ("", {"noted": []})


def test_a_function_that_is_watched_goes_to_other_processes_as_it_is(run: Callable[..., Ran]) -> None:
    found = run(
        "import os, subprocess, sys\nfrom pyspark import cloudpickle\ndef double(n):\n    return 2 * n",
        "text = cloudpickle.dumps(lambda n: double(n) + 1).hex()",
        "code = f'import pickle; print(pickle.loads(bytes.fromhex({text!r}))(4))'\n"
        "print(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout)",
        functions=["double"],
    )
    assert (found.raised, found.printed.strip()) == ("", "9")


def test_what_would_come_back_as_another_thing_is_not_recorded(run: Callable[..., Ran]) -> None:
    found = run(
        "from collections import Counter\nimport numpy as np",
        "def counted(text):\n    return Counter(text)\ndef crossed(n):\n    return np.matrix([[n]])",
        "def named(n):\n    return {n: [n]}",
        "counted('aab'), crossed(2), named(3)",
        functions=["counted", "crossed", "named"],
    )
    assert {name: len(calls) for name, calls in found.calls.items()} == {"counted": 0, "crossed": 0, "named": 1}


def test_the_clock_steps_for_the_notebook_alone(run: Callable[..., Ran]) -> None:
    found = run(
        "import importlib; importlib.import_module('_o.clock').start(['commonlib.timed'])",
        "import time, datetime\nfrom time import perf_counter as now\nbegin = time.time()\ntime.sleep(0.01)",
        "print(time.time() - begin, now() - time.monotonic())",
        "print(datetime.date.today() == datetime.datetime.now().date())",
        "start = datetime.datetime.now()\nprint(datetime.datetime.now() - start)",
        "other = {'__name__': 'other', 'time': time}\nexec('def asked(): return time.time()', other)",
        "exec('def day(): return datetime.datetime.now()', other)\nother['datetime'] = datetime",
        "print(abs(other['asked']() - other['day']().timestamp()) < 60)",
        "from pyspark import cloudpickle\nprint(b'_o' in cloudpickle.dumps(lambda: now()))",
        "import timeit\nprint(timeit.Timer('pass', timer=timeit.default_timer, globals=globals()).autorange())",
    )
    assert found.raised == ""
    told = ["0.0009765625 -0.0009765625", "True", "0:00:00.000977", "True", "False", "(1, 0.25)"]
    assert found.printed.splitlines() == told
