"""The ledger: nothing is lost when several write, and a run whose runner has died is lost, not running."""

import functools
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbpromote.effects.files.whole_file import NotKept
from nbpromote.effects.running.ledger import HEARTBEAT, Ledger, LedgerFailed, NoSuchRun
from nbpromote.running.record import Code, Environment, Record, begun
from nbpromote.running.request import RunRequest


def record(run_id: str, **changes: object) -> Record:
    return replace(Record(run_id, "notebooks/production/value.py", "running", "2026-01-01T00:00:00+00:00"), **changes)  # type: ignore[arg-type]


def write_ten(folder: Path, number: int) -> None:
    ledger = Ledger(folder)
    for place in range(10):
        one = record(f"2026-value-{number}{place}")
        ledger.begin(one)
        ledger.end(replace(one, status="done", duration=1.0))


def test_eight_writers_at_once_lose_no_run(tmp_path: Path) -> None:
    with ProcessPoolExecutor(8) as pool:
        for done in [pool.submit(write_ten, tmp_path, number) for number in range(8)]:
            done.result()
    runs = Ledger(tmp_path).runs()
    assert len(runs) == 80
    assert {run.status for run in runs} == {"done"}


def test_the_ledger_is_made_again_from_the_run_folders(tmp_path: Path) -> None:
    write_ten(tmp_path, 1)
    before = Ledger(tmp_path).runs()
    for path in tmp_path.glob("ledger.sqlite*"):
        path.unlink()
    assert Ledger(tmp_path).runs() == before


def test_of_two_runs_within_a_second_the_later_one_is_newest_whatever_it_is_called(tmp_path: Path) -> None:
    for tenth, run_id in enumerate(("2026-value-b", "2026-value-a")):
        request = RunRequest(run_id, "notebooks/production/value.py")
        moment = datetime(2026, 1, 1, 0, 0, 0, 100_000 * tenth, tzinfo=UTC)
        Ledger(tmp_path).begin(begun(request, moment, Code(), Environment()))
    for path in tmp_path.glob("ledger.sqlite*"):
        path.unlink()
    assert [run.run_id for run in Ledger(tmp_path).runs()] == ["2026-value-a", "2026-value-b"]


def test_a_ledger_that_is_torn_is_put_aside_and_made_again(tmp_path: Path) -> None:
    write_ten(tmp_path, 1)
    before = Ledger(tmp_path).runs()
    for path in tmp_path.glob("ledger.sqlite*"):
        path.unlink()
    tear = functools.partial((tmp_path / "ledger.sqlite").write_bytes, b"no database" * 1000)
    tear()
    assert Ledger(tmp_path).runs() == before
    tear()
    assert Ledger(tmp_path).rebuild() == 10
    tear()
    Ledger(tmp_path).begin(record("2026-value-begun"))
    assert len(Ledger(tmp_path).runs()) == 11
    Ledger(tmp_path).remove("2026-value-begun")
    (tmp_path / before[0].run_id / "record.json").write_bytes(b"{\xff")
    ledger = Ledger(tmp_path)
    assert ledger.rebuild() == 9
    assert [before[0].run_id in problem for problem in ledger.unreadable] == [True]
    assert Ledger(tmp_path).runs() == before[1:]


def test_a_run_whose_runner_died_is_lost(tmp_path: Path) -> None:
    code = f"""
        import os
        from pathlib import Path
        from nbpromote.effects.running.ledger import Ledger
        from nbpromote.running.record import Record
        Ledger(Path({str(tmp_path)!r})).begin(Record("died", "n.py", "running", "2026-01-01T00:00:00+00:00"))
        os._exit(9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, env={"PYTHONPATH": ":".join(sys.path)})
    ledger = Ledger(tmp_path)
    ledger.begin(record("alive"))
    assert {run.run_id: run.status for run in ledger.runs()} == {"alive": "running", "died": "lost"}


def test_a_run_of_another_machine_is_lost_when_its_heart_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path)
    with monkeypatch.context() as there:
        there.setattr("socket.gethostname", lambda: "elsewhere")
        ledger.begin(record("there"))
    with ledger.beating("there"):
        while not (tmp_path / "there" / HEARTBEAT).exists():
            time.sleep(0.01)
        assert ledger.runs()[0].status == "running"
        os.utime(tmp_path / "there" / HEARTBEAT, (0, 0))
        assert ledger.runs()[0].status == "lost"
    assert not (tmp_path / "there" / HEARTBEAT).exists()


def test_a_run_is_found_by_a_part_of_its_name(tmp_path: Path) -> None:
    write_ten(tmp_path, 1)
    ledger = Ledger(tmp_path)
    assert ledger.find("2026-value-13").run_id == "2026-value-13"
    assert ledger.find("value-13").run_id == "2026-value-13"
    assert ledger.find("last").run_id == "2026-value-19"
    with pytest.raises(NoSuchRun, match="did you mean"):
        ledger.find("2026-value")


def test_runs_are_seen_where_nothing_may_be_written_and_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path)
    for number in range(3):
        ledger.begin(record(f"2026-value-{number}", started=f"2026-01-0{number + 1}T00:00:00+00:00"))
        ledger.end(record(f"2026-value-{number}", status="done", started=f"2026-01-0{number + 1}T00:00:00+00:00"))
    monkeypatch.setattr("nbpromote.effects.running.ledger._SCHEMA", "CREATE TABLE runs (x) STRICT_;")  # a bad disk
    with pytest.raises(LedgerFailed, match="make room there"):
        ledger.runs()
    (tmp_path / "file").write_text("")
    with pytest.raises(NotKept, match="File exists; make room there, or keep runs elsewhere"):
        Ledger(tmp_path / "file").begin(record("2026-value-3"))
    monkeypatch.setattr("os.access", lambda *_: False)
    assert [run.run_id for run in ledger.runs(limit=2)] == ["2026-value-2", "2026-value-1"]
