"""Commands that a fork of a process that stays carries out: nobody can tell them from others, but by their time."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import commonlib
import nbpromote
from nbpromote.effects.kernels.warm import client
from nbpromote.effects.running.ledger import Ledger
from tests.nbpromote.effects.kernels.place_of_what_stays import eventually, staying

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forks commands"),
]
START = [sys.executable, "-c", "import sys; sys.path[0] = '/'; from nbpromote.cli import main; sys.exit(main())", "run"]
IMPORTED = [Path(one.__file__).parents[1] for one in (nbpromote, commonlib)]
CELLS = """\
# %% tags=["parameters"]
n: int = 1

# %%
import os, time
print(os.environ["MINE"], os.umask(0o22), n)
open("begun", "w").close()
time.sleep({sleep})
1 / n
"""
_READ = """\
import json, os, sys
seen, kind = set(), type(os.environ)
inherited = kind.__getitem__
kind.__getitem__ = lambda self, name: (seen.add(os.fsdecode(name)), inherited(self, name))[1]
from nbpromote.cli.staying import KIND
KIND.begin()
json.dump([sorted(seen), len(os.listdir("/proc/self/task"))], sys.stdout)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (tmp_path / "quick.py").write_text(CELLS.format(sleep=0))
    (tmp_path / "slow.py").write_text(CELLS.format(sleep=60))
    return tmp_path


def environment(**own: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, IMPORTED)), "MINE": "here", **own}


def forked() -> int:
    """How many commands were carried out by forks."""
    return sum(int(one["forked"]) for one in client.status() if one["for"] == "command")


def test_a_command_that_a_fork_carries_out_says_and_does_what_another_does(place: Path, root: Path) -> None:
    calls = ([], ["quick.py"], ["quick.py", "-p", "n=0"], ["quick.py", "-p", "m=1"], ["quick.py", "--help"], ["no.py"])
    for words in calls:
        told = []
        for warm in ("0", "60"):
            done = subprocess.run(
                [*START, *words],
                cwd=root, env=environment(NBPROMOTE_WARM=warm), capture_output=True, text=True, check=False,
            )  # fmt: skip
            what = re.sub(r"\d{8}-\d{6}-quick-\w{4}|[\d.]+ s", "-", done.stdout + done.stderr)
            told.append((done.returncode, re.sub(" +", " ", what)))
        assert told[0] == told[1]
    assert forked() == len(calls)
    records = Ledger(root / "runs").runs()
    assert [one.status for one in records] == ["failed", "failed", "done", "done"]
    printed = [
        re.findall(r"here \d+ \d", (root / "runs" / one.run_id / "executed.ipynb").read_text()) for one in records
    ]
    assert printed[0] == printed[1] != printed[2] == printed[3]


@pytest.mark.parametrize(
    ("sent", "code", "status"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 130, "interrupted"), (signal.SIGKILL, -9, "lost")],
)
def test_a_signal_reaches_the_fork_and_no_process_is_left(
    place: Path, root: Path, sent: signal.Signals, code: int, status: str
) -> None:
    with subprocess.Popen([*START, "slow.py"], cwd=root, env=environment(), stdout=-1, stderr=-1) as process:
        ledger = Ledger(root / "runs")
        assert eventually((root / "begun").exists, 30)
        assert forked() == 1
        process.send_signal(sent)
        process.communicate(timeout=30)
    assert process.returncode == code
    assert eventually(lambda: [one.status for one in ledger.runs()] == [status])
    assert eventually(lambda: [one["in_use"] for one in client.status()] == [0, 0])


def test_a_command_whose_process_that_stays_is_killed_ends_and_says_so(place: Path, root: Path) -> None:
    with subprocess.Popen([*START, "slow.py"], cwd=root, env=environment(), stdout=-1, stderr=-1) as process:
        assert eventually((root / "begun").exists, 30)
        (stays,) = [one["pid"] for one in client.status() if one["for"] == "command"]
        os.kill(stays, signal.SIGKILL)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"nbpromote runs list" in said
    assert eventually(lambda: [one.status for one in Ledger(root / "runs").runs()] == ["lost"])
    assert subprocess.run([*START, "quick.py"], cwd=root, env=environment(), check=False).returncode == 0


def test_changed_code_is_carried_out_by_a_process_that_has_it_and_the_other_one_ends(place: Path, root: Path) -> None:
    package = Path(nbpromote.__file__).parent
    shutil.copytree(package, root / "copy/nbpromote", ignore=shutil.ignore_patterns("__pycache__"))
    own = environment(PYTHONPATH=os.pathsep.join(map(str, [root / "copy", *IMPORTED])))
    pids = []
    for version in ("7.1", "7.2"):
        text = (root / "copy/nbpromote/cli/run_text.py").read_text()
        text = text.partition("\nprint(")[0] + f"\nprint('text of {version}')\n"
        (root / "copy/nbpromote/cli/run_text.py").write_text(text)
        done = subprocess.run(
            [*START, "quick.py", "--help"], cwd=root, env=own, capture_output=True, text=True, check=True
        )
        pids += [one["pid"] for one in client.status()]
        log = "".join(one.read_text() for one in place.glob("*/*/log"))
        assert f"text of {version}" in done.stdout + log
    assert len(set(pids)) == 2
    assert eventually(lambda: len(staying(place)) == 1)


def test_all_that_is_read_of_an_environment_before_a_fork_tells_processes_apart(place: Path) -> None:
    from nbpromote.effects.kernels.warm.circumstances import is_read_at_start
    from nbpromote.effects.kernels.warm.commands import is_read

    said = subprocess.run([sys.executable, "-c", _READ], env=environment(), capture_output=True, text=True, check=True)
    names, threads = json.loads(said.stdout)
    assert "HOME" in names
    # Android's; and Jupytext looks for pandoc, which only notebooks in Pandoc's own form need, each time anew.
    assert {name for name in names if not is_read(name) and not is_read_at_start(name)} <= {"ANDROID_DATA", "PATH"}
    assert threads == 1


def test_what_is_piped_to_a_first_command_is_left_to_the_run(place: Path, root: Path) -> None:
    words = ["quick.py", "--parameters-file", "/dev/stdin"]
    done = subprocess.run(
        [*START, *words], cwd=root, env=environment(NBPROMOTE_WARM="60"), input="n: 7\n", capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = Ledger(root / "runs").runs()
    assert record.parameters["n"] == 7
