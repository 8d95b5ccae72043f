"""`nbpromote init`: what is there stays, and a newer nbpromote renews its own part of commonlib, nothing else."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.effects.files import scaffolding, upgrading

MANIFEST = "commonlib/RUNTIME.sha256"
Init = Callable[..., tuple[int, str]]
CASH = '"""Functions that came out of notebooks/adhoc/cash.py."""\n\n\ndef double(x):\n    return 2 * x\n'


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".git", ".nbpromote"} & set(path.parts)
    }


@pytest.fixture
def init(capsys: pytest.CaptureFixture[str]) -> Init:
    """Run it, and tell its exit code and all that it says."""

    def run(root: Path, *options: str) -> tuple[int, str]:
        code = main(["init", str(root), *options])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def newer(tmp_path: Path, init: Init, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a function of its own, and then a release with one file more, one less and one changed."""
    assert init(tmp_path)[0] == 0
    (tmp_path / "commonlib/cash.py").write_text(CASH)
    runtime = scaffolding.runtime_files()
    for module in (scaffolding, upgrading):
        monkeypatch.setattr(module, "__version__", "9.9")
    runtime["shipping.py"] = b'"""Another."""\n\n\ndef pack() -> int:\n    return 1\n'
    runtime["extra.py"] = b'"""More."""\n'
    runtime["__init__.py"] += b"\nMORE = 1\n"
    del runtime["laws.py"]
    monkeypatch.setattr(scaffolding, "runtime_files", lambda: runtime)
    monkeypatch.setattr(upgrading, "runtime_files", lambda: runtime)
    return tmp_path


def test_a_repository_of_this_release_has_nothing_to_renew(tmp_path: Path, init: Init) -> None:
    assert init(tmp_path)[0] == 0
    before = files(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "RUNTIME.sha256"],
        check=False,
        cwd=tmp_path / "commonlib",
        capture_output=True,
        text=True,
    )
    assert [line for line in checked.stdout.splitlines() if "__init__" not in line] == []
    assert "is a notebook repository already.\n" in init(tmp_path)[1]
    assert "renew" not in init(tmp_path)[1]
    code, said = init(tmp_path, "--upgrade")
    assert code == 0
    assert "commonlib is as nbpromote" in said
    assert files(tmp_path) == before


def test_a_newer_release_renews_its_part_moves_the_version_and_can_be_taken_back(
    newer: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(newer)
    assert "renew it with: nbpromote init --upgrade" in init(newer)[1]
    assert files(newer) == before  # what is new does not mix with what is old
    code, said = init(newer, "--upgrade")
    assert code == 0, said
    after = files(newer)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == {
        "commonlib/shipping.py", "commonlib/extra.py", "commonlib/laws.py", "commonlib/__init__.py",
        "commonlib/CHANGELOG.md", MANIFEST,
    }  # fmt: skip
    assert "commonlib/laws.py" not in after
    assert b'__version__ = "1.0.0"' in after["commonlib/__init__.py"]
    assert b"MORE = 1" in after["commonlib/__init__.py"]
    assert re.search(
        rb"## \[1\.0\.0\]\n(.*\n)*- `shipping.pack`.*, from nbpromote 9\.9\.", after["commonlib/CHANGELOG.md"]
    )
    assert init(newer, "--upgrade")[1].startswith("commonlib is as nbpromote")
    monkeypatch.chdir(newer)
    assert main(["undo"]) == 0
    assert files(newer) == before


def test_what_people_edited_is_not_renewed_unless_git_has_it_and_they_say_so(newer: Path, init: Init) -> None:
    with (newer / "commonlib/shipping.py").open("a") as file:
        file.write("# ours\n")
    with (newer / "commonlib/java.py").open("a") as file:
        file.write("# ours too, where nothing newer comes\n")
    before = files(newer)
    code, said = init(newer, "--upgrade")
    assert code == 1
    assert "commonlib/shipping.py: edited since commonlib/RUNTIME.sha256 was written" in said
    assert init(newer, "--upgrade", "--force")[0] == 1  # git does not have it
    assert files(newer) == before
    author = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "state"]):
        subprocess.run(["git", "-C", str(newer), *words], check=True)
    code, said = init(newer, "--upgrade", "--force")
    assert code == 0, said
    assert b"# ours" not in files(newer)["commonlib/shipping.py"]
    assert b"# ours too" in files(newer)["commonlib/java.py"]


def test_force_alone_is_wrong_usage(tmp_path: Path, init: Init) -> None:
    assert init(tmp_path, "--force")[0] == 2
