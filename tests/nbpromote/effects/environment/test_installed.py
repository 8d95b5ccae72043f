"""What a run's record says of the environment: the digest of the locks, and what is installed otherwise."""

from importlib import metadata
from pathlib import Path

from nbpromote.effects.environment.installed import conda_packages, distributions
from nbpromote.effects.files.repository import find
from nbpromote.effects.running import machine

SHA = "a" * 64


def test_a_record_names_the_locks_and_what_is_installed_in_another_version(tmp_path: Path) -> None:
    there = metadata.version("rich")
    (tmp_path / "pyproject.toml").write_text("[tool.nbpromote]\n")
    assert machine.environment(find(tmp_path)).lock is None
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"rich=={there} --hash=sha256:{SHA}\nnowhere==1.0 --hash=sha256:{SHA}\n")
    fits = machine.environment(find(tmp_path))
    assert (len(fits.lock or ""), fits.apart) == (64, ())
    lock.write_text(f"Rich==0.1 --hash=sha256:{SHA}\n")
    other = machine.environment(find(tmp_path))
    assert other.apart == (f"rich {there} (locked: 0.1)",)
    assert other.lock != fits.lock
    assert other.installed == fits.installed


def test_conda_packages_are_read_from_their_records(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "a-1-0.json").write_text('{"name": "a", "version": "1"}')
    (tmp_path / "conda-meta" / "broken.json").write_text("{")
    assert conda_packages(tmp_path) == {"a": "1"}
    assert conda_packages(tmp_path / "nowhere") == {}
    assert distributions()["rich"] == metadata.version("rich")
