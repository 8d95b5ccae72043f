"""Locks are made from small channels and a small index, which grow while the locks stay where they fit."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nbpromote.cli import main
from nbpromote.cli.terminal import out
from nbpromote.effects.environment.installing import NotInstalled
from nbpromote.effects.environment.solvers import solvers_python
from nbpromote.environment import parse_conda_lock, parse_pins, solver
from nbpromote.environment.pins import versions_on
from tests.nbpromote.effects.environment.small_channels import PYTHON, served, write_channel, write_wheel

ASKED = """\
name: small
channels:
- CHANNEL
platforms: [linux-64, win-64]
dependencies:
- python =3.11
- app
- pip:
  - tool>=1
"""
OLD = {
    "python 3.11.9 linux-64": [],
    "python 3.11.9 win-64": [],
    "app 1.0 noarch": [PYTHON, "lib"],
    "lib 1.0 noarch": [PYTHON],
    "other 1.0 noarch": [PYTHON],
}
NEW = {
    **OLD,
    "python 3.11.10 linux-64": [],
    "python 3.11.10 win-64": [],
    "app 2.0 noarch": [PYTHON, "lib >=2", "extra"],
    "lib 2.0 noarch": [PYTHON],
    "extra 1.0 noarch": [PYTHON],
}


@pytest.fixture(scope="session")
def solvers() -> Path:
    try:
        return solvers_python(print)
    except NotInstalled as error:
        pytest.skip(f"conda-lock cannot be installed here: {error}")


@dataclass
class Small:
    root: Path
    channel: Path
    index: Path
    capsys: pytest.CaptureFixture[str]

    def lock(self, *words: str) -> tuple[int, str]:
        out.cache_clear()  # the console of an earlier test writes elsewhere
        code = main(["env", "lock", *words])
        told = self.capsys.readouterr()
        return code, told.out + told.err

    def ask(self, old: str, new: str) -> None:
        text = (self.root / "environment.yml").read_text()
        assert old in text
        (self.root / "environment.yml").write_text(text.replace(old, new))

    @property
    def conda(self) -> dict[str, str]:
        """What is locked from conda, the same on both platforms."""
        lock = parse_conda_lock((self.root / "conda-lock.yml").read_text())
        linux, windows = ({name: one.version for name, one in lock.on(each).items()} for each in lock.platforms)
        assert linux == windows
        return linux

    @property
    def pypi(self) -> dict[str, str]:
        return versions_on(parse_pins((self.root / "requirements.lock").read_text()), {})

    @property
    def bytes(self) -> list[bytes]:
        return [(self.root / name).read_bytes() for name in ("conda-lock.yml", "requirements.lock")]


@pytest.fixture
def small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], solvers: Path
) -> Iterator[Small]:
    made = Small(tmp_path / "root", tmp_path / "web" / "channel", tmp_path / "web" / "simple", capsys)
    made.root.mkdir()
    write_channel(made.channel, OLD)
    write_wheel(made.index, "tool", "1.0", needs=("lib", "part"))
    write_wheel(made.index, "part", "1.0")
    for version in ("1.0", "2.0"):
        write_wheel(made.index, "lib", version)
    with served(tmp_path / "web") as address:
        (made.root / "environment.yml").write_text(ASKED.replace("CHANNEL", f"{address}/channel"))
        (made.root / "pyproject.toml").write_text("[tool.nbpromote]\n")
        monkeypatch.chdir(made.root)
        for name in ("CONDA_EXE", "MAMBA_EXE", "CHANNEL_MIRRORS", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{address}/simple")
        monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        yield made


def test_locks_stay_where_they_fit_and_move_no_further_than_they_are_told(small: Small, solvers: Path) -> None:
    code, told = small.lock()
    assert code == 0, told
    assert small.conda == {"python": "3.11.9", "app": "1.0", "lib": "1.0"}
    assert small.pypi == {"tool": "1.0", "lib": "1.0", "part": "1.0"}  # conda's lib, though the index has a newer one
    assert "app 1.0 is new  (asked for)" in told
    assert "part 1.0 is new  (came along: tool needs it)" in told
    assert "Wrote conda-lock.yml and requirements.lock." in told
    assert all("simple" not in text.decode() for text in small.bytes[1:])  # no address of the index
    assert main(["env", "check", "--no-installed"]) == 0, small.capsys.readouterr().out
    # The lock is conda-lock's own: it reads it, and names every package of a platform.
    render = [str(solvers), "-m", "conda_lock", "render", "--kind", "explicit", "--platform", "win-64"]
    subprocess.run(render, check=True, capture_output=True)
    assert "/noarch/app-1.0-h1_0.conda#" in (small.root / "conda-win-64.lock").read_text()

    write_channel(small.channel, NEW)
    write_wheel(small.index, "tool", "1.1", needs=("lib", "part>=2"))
    write_wheel(small.index, "part", "2.0")
    before = small.bytes
    code, told = small.lock()
    assert (code, small.bytes) == (0, before), told
    assert "No package moves." in told

    small.ask("- app\n", "- app >=2\n")
    code, told = small.lock()
    assert code == 0, told
    assert small.conda == {"python": "3.11.9", "app": "2.0", "lib": "2.0", "extra": "1.0"}
    assert small.pypi == {"tool": "1.0", "lib": "2.0", "part": "1.0"}
    assert "app 1.0 -> 2.0  (asked for)" in told
    assert "lib 1.0 -> 2.0  (came along: app needs it)" in told

    code, told = small.lock("--upgrade", "tool", "--dry-run")
    assert "tool 1.0 -> 1.1  (asked for)" in told
    assert small.pypi["tool"] == "1.0"
    code, told = small.lock("--upgrade")
    assert code == 0, told
    assert (small.conda["python"], small.pypi["tool"], small.pypi["part"]) == ("3.11.10", "1.1", "2.0")


def test_what_cannot_be_is_refused_with_the_solvers_reason_and_both_locks_stay(small: Small) -> None:
    assert small.lock()[0] == 0
    before = small.bytes
    small.ask("- app\n", "- app =9\n")
    code, told = small.lock()
    assert code == 1
    assert "conda-lock.yml: no environment satisfies what is asked for" in told
    assert "app" in told.partition("on linux-64: ")[2]
    assert "Traceback" not in told

    write_channel(small.channel, NEW)
    small.ask("- app =9\n", "- app =2\n")  # the conda part can move, the PyPI part cannot
    small.ask("tool>=1", "tool>=9")
    code, told = small.lock()
    assert code == 1
    assert "requirements.lock: no environment satisfies" in told
    assert "tool>=9" in told
    assert small.bytes == before

    assert small.lock("--upgrade", "nonsense")[0] == 2
    assert small.lock("app")[0] == 2


def test_the_users_own_conda_is_taken_and_keeps_what_is_locked(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solvers: Path
) -> None:
    # conda's command line with py-rattler behind it, on the PATH under the name of one.
    own = tmp_path / "bin" / "micromamba"
    own.parent.mkdir()
    text = Path(solver.__file__).read_text().replace('"HELD"', '"NOTHING"')
    own.write_text(f"#!{solvers}\n{text}")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{own.parent}:/usr/bin:/bin")
    small.ask((small.root / "environment.yml").read_text().split("\n- ")[1].split("\n")[0], small.channel.as_uri())
    code, told = small.lock()
    assert code == 0, told
    assert "by micromamba" in told
    write_channel(small.channel, NEW)
    small.ask("- app\n", "- app\n- other\n")
    code, told = small.lock()
    assert code == 0, told
    assert small.conda == {"python": "3.11.9", "app": "1.0", "lib": "1.0", "other": "1.0"}
    code, told = small.lock("--upgrade", "app")
    assert small.conda == {"python": "3.11.9", "app": "2.0", "lib": "2.0", "extra": "1.0", "other": "1.0"}
    small.ask("- app\n", "")
    code, told = small.lock()
    assert small.conda == {"python": "3.11.9", "other": "1.0"}
    assert "extra 1.0 goes  (nothing needs it any more)" in told


def test_an_index_that_the_user_names_in_environment_yml_stays_in_the_lock(small: Small) -> None:
    address = (small.root / "environment.yml").read_text().split("\n- ")[1].split("/channel")[0]
    small.ask("  - tool>=1\n", f"  - --extra-index-url {address}/simple\n  - tool>=1\n")
    code, told = small.lock()
    assert code == 0, told
    assert f"--extra-index-url {address}/simple" in small.bytes[1].decode()
    assert small.pypi["tool"] == "1.0"
    assert main(["env", "check", "--no-installed"]) == 0, small.capsys.readouterr().out


def test_without_a_file_that_says_what_is_wanted_nothing_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["env", "lock"]) == 1
    assert "environment.yml: is not there; write what the notebooks import into it" in capsys.readouterr().err
