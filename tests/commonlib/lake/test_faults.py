"""The lake under fire: what benchmarks/faults.py does many times, done a few times."""

import random
import resource
import subprocess
import sys

import faults
import pytest

from commonlib.lake import failpoints


@pytest.fixture(autouse=True)
def tally(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    with faults.writing(faults.LAKE, faults.ROWS, 0, "once") as process:
        assert process.wait(60) == 0
    return faults.Tally()


def test_killed_at_any_moment_or_frozen_readers_see_the_old_or_the_new_and_a_re_run_heals(tally):
    chance = random.Random(1)
    for _ in range(2):
        faults.killed_after(chance.random() * 0.3, tally)
    faults.frozen(15, chance, tally)
    assert tally.done["frozen"] == 15
    assert tally.wrong == []
    assert "data-half-written" in failpoints.POINTS  # each of them: test_commit.py


def test_four_writers_and_a_reader_leave_a_history_that_one_after_another_could_have_made(tally):
    faults.meet(4, 8, tally)
    assert tally.wrong == []
    assert tally.done["commits that met"] == 32


def test_a_full_disk_stops_the_write_and_changes_nothing(tally):
    def run(code: str, size: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, str(faults.ROWS), "1", "once"],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
            capture_output=True,
            text=True,
            check=False,
        )

    before = faults.look()
    for size in (100, 50_000):
        done = run(faults.LAKE, size)
        assert done.returncode == 1
        assert "File too large" in done.stderr
        assert faults.look() == before


def test_the_check_of_histories_finds_what_is_wrong():
    fine = [(0.0, 1.0, 1), (0.5, 2.0, 2), (3.0, 4.0, 3)]
    assert faults.not_linearisable(fine, [(0.0, 0.5, 0), (0.6, 0.9, 2), (2.1, 2.2, 2), (4.1, 4.2, 3)]) is None
    assert "begun after" in str(faults.not_linearisable([(0.0, 1.0, 2), (2.0, 3.0, 1)], []))
    assert "was there" in str(faults.not_linearisable(fine, [(2.1, 2.2, 1)]))
    assert "after 2" in str(faults.not_linearisable([(0.0, 9.0, 1), (0.0, 9.0, 2)], [(1.0, 2.0, 2), (3.0, 4.0, 1)]))
