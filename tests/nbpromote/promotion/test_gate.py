"""commonlib's version and changelog tell what changed since its release, or the gate stays shut."""

import subprocess
from pathlib import Path

import pytest

from nbpromote.effects.checking import releases
from nbpromote.promotion.gate import judge

CASH = "def factor(rate: float) -> float:\n    return 1 / (1 + rate)\n"


def library(version: str, cash: str = CASH, log: str | None = None, **others: str) -> dict[str, str]:
    log = f"# Changelog\n\n## [{version}] - unreleased\n\n### Changed\n\n- something\n" if log is None else log
    own = {"__init__": f'__version__ = "{version}"\n', "cash": cash, **others}
    return {**{f"commonlib/{name}.py": text for name, text in own.items()}, "commonlib/CHANGELOG.md": log}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (library("1.2.0"), ""),
        (library("1.2.0", CASH.replace("rate", "r")), "what changed breaks callers; make it 2.0.0"),
        (library("2.0.0", CASH.replace("rate", "r")), ""),
        (library("1.2.0", CASH + "\n\ndef more() -> None: ...\n"), "adds to the interface; make it 1.3.0"),
        (library("1.2.0", CASH.replace("1 /", "2 /")), "changes code; make it 1.2.1"),
        (library("1.2.1", CASH.replace("1 /", "2 /"), log="## [1.2.0]\n- x\n"), "newest version is 1.2.0"),
        (library("1.2.1", CASH.replace("1 /", "2 /"), log="## [1.2.1]\n"), "says nothing of 1.2.1"),
        (library("1.1.0"), "1.1.0 is older than the release 1.2.0"),
        ({key: text for key, text in library("1.2.0").items() if "cash" not in key}, "make it 2.0.0"),
    ],
)
def test_the_gate_opens_when_version_and_changelog_tell_what_changed(now: dict[str, str], said: str) -> None:
    found = judge(library("1.2.0"), now)
    assert said in "\n".join(found.faults)
    assert bool(found.faults) == bool(said)


def test_the_last_release_is_the_greatest_tag_in_the_history(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("init", "-q")
    for version in ("1.9.0", "1.10.0"):
        for path, text in library(version, sub="x = 1\n").items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        git("add", "-A")
        git("commit", "-qm", version)
        git("tag", f"commonlib-{version}")
    assert releases.last_release(tmp_path) == "commonlib-1.10.0"
    assert releases.library_at(tmp_path, "commonlib-1.10.0") == releases.library_now(tmp_path)
    assert releases.library_at(tmp_path, "commonlib-1.9.0")["commonlib/__init__.py"] == '__version__ = "1.9.0"\n'
