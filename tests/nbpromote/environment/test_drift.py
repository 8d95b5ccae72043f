"""A small repository that agrees with itself, and one row for each way to drift."""

from dataclasses import dataclass, replace

import pytest

from nbpromote.environment import (
    Environment,
    find_drift,
    find_installed_drift,
    parse_conda_lock,
    parse_environment,
    parse_pins,
)
from nbpromote.environment.conda import without_pip

SHA = "a" * 64

ASKED = """\
channels: [conda-forge]
platforms:
  - linux-64
  - win-64
dependencies:
  - python =3.11
  - pandas >=2.3,<3
  - openjdk =17  # [unix]
  - pip:
    - rich>=15
    - appnope>=1; sys_platform == 'darwin'
"""


def package(name: str, version: str, platform: str, needs: str = "{}") -> str:
    return f"""\
- name: {name}
  version: {version}
  manager: conda
  platform: {platform}
  dependencies: {needs}
  url: https://channel.example/conda-forge/{platform}/{name}-{version}-h1_0.conda
  hash:
    md5: {"b" * 32}
    sha256: {SHA}
"""


LOCKED = (
    "metadata:\n  channels: [{url: conda-forge}]\n  platforms: [linux-64, win-64]\npackage:\n"
    + package("python", "3.11.15", "linux-64", "{__glibc: '>=2.17', tzdata: ''}")
    + package("tzdata", "2026c", "linux-64")
    + package("openjdk", "17.0.17", "linux-64")
    + package("pandas", "2.3.3", "linux-64", "{python: '>=3.11,<3.12.0a0'}")
    + package("python", "3.11.15", "win-64")
    + package("pandas", "2.3.3", "win-64", "{python: '>=3.11,<3.12.0a0'}")
)

PINS = f"""\
appnope==1.0.0 ; sys_platform == 'darwin' --hash=sha256:{SHA}
pandas==2.3.3 --hash=sha256:{SHA}
rich==15.0.0 --hash=sha256:{SHA}
tzdata==2026.2 --hash=sha256:{SHA}
"""


@dataclass(frozen=True)
class Files:
    asked: str = ASKED
    locked: str = LOCKED
    pins: str = PINS
    required: tuple[str, ...] = ("pandas>=2.3,<3", "rich>=15")

    def drift(self) -> list[str]:
        asked, locked = parse_environment(self.asked), parse_conda_lock(self.locked)
        return [str(found) for found in find_drift(Environment(asked, locked, parse_pins(self.pins), self.required))]


def test_files_that_agree_have_no_drift() -> None:
    assert Files().drift() == []


FILES = Files()
CASES = {
    "a spec was raised and nothing locked": (
        replace(FILES, asked=ASKED.replace(">=2.3,<3", ">=3")),
        "linux-64 has pandas 2.3.3, environment.yml asks for >=3",
    ),
    "a package was asked for and not locked": (
        replace(FILES, asked=ASKED.replace("  - pandas", "  - scipy\n  - pandas")),
        "win-64 lacks scipy, which environment.yml asks for",
    ),
    "a platform was added and not locked": (
        replace(FILES, asked=ASKED.replace("  - win-64", "  - win-64\n  - osx-64")),
        "does not lock osx-64",
    ),
    "another channel was named": (
        replace(FILES, asked=ASKED.replace("conda-forge", "bioconda")),
        "locks from conda-forge, environment.yml names bioconda",
    ),
    "a selector was removed": (
        replace(FILES, asked=ASKED.replace("  # [unix]", "")),
        "win-64 lacks openjdk",
    ),
    "a needed package was deleted from the lock": (
        replace(FILES, locked=LOCKED.replace(package("tzdata", "2026c", "linux-64"), "")),
        "linux-64 python needs tzdata, which is not locked",
    ),
    "a version in the lock was edited": (
        replace(
            FILES,
            locked=LOCKED.replace(
                "version: 3.11.15\n  manager: conda\n  platform: win",
                "version: 3.12.0\n  manager: conda\n  platform: win",
            ),
        ),
        "win-64 pandas needs python >=3.11,<3.12.0a0, locked is 3.12.0",
    ),
    "an address was exchanged": (
        replace(FILES, locked=LOCKED.replace("win-64/pandas-2.3.3", "win-64/pandas-2.3.2")),
        "win-64 pandas 2.3.3 has another's address",
    ),
    "a conda hash was cut": (
        replace(FILES, locked=LOCKED.replace(SHA, SHA[:-1], 1)),
        "linux-64 python has no well-formed md5 and sha256",
    ),
    "a conda package stands twice": (
        replace(FILES, locked=LOCKED + package("pandas", "2.3.3", "win-64")),
        "win-64 pandas is locked twice",
    ),
    "a package is locked for a platform that is none": (
        replace(FILES, locked=LOCKED + package("pandas", "2.3.3", "linux-32")),
        "linux-32 pandas is for a platform that the file does not list",
    ),
    "a requirement was added and not locked": (
        replace(FILES, required=(*FILES.required, "duckdb>=2")),
        "lacks duckdb on linux-64, which pyproject.toml asks for",
    ),
    "a pip line of environment.yml was raised": (
        replace(FILES, asked=ASKED.replace("rich>=15", "rich>=16")),
        "has rich 15.0.0, environment.yml asks for >=16",
    ),
    "a pip line does not read": (
        replace(FILES, asked=ASKED.replace("rich>=15", "rich > = 15 ?")),
        "not a requirement: rich > = 15 ?",
    ),
    "a pin lost its hash": (
        replace(FILES, pins=PINS.replace(f"rich==15.0.0 --hash=sha256:{SHA}", "rich==15.0.0")),
        "requirements.lock:3: rich has no well-formed sha256",
    ),
    "a pin stands twice": (
        replace(FILES, pins=PINS + f"rich==15.0.1 --hash=sha256:{SHA}\n"),
        "rich is locked twice for one platform",
    ),
    "the two locks hold different versions": (
        replace(FILES, pins=PINS.replace("pandas==2.3.3", "pandas==2.3.4")),
        "win-64 has pandas 2.3.3, requirements.lock has 2.3.4",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_drift_is_found_and_said(name: str) -> None:
    files, said = CASES[name]
    found = files.drift()
    assert any(said in line for line in found), found


def test_what_is_installed_is_held_against_the_lock() -> None:
    pins = parse_pins(PINS.replace("sys_platform == 'darwin'", "sys_platform == 'nowhere'"))
    installed = {"pandas": "2.3.3", "rich": "14.0.0", "stray": "1.0", "nbpromote": "0.1.0"}
    found = [drift.what for drift in find_installed_drift(pins, installed, ours=["nbpromote"])]
    assert found == [
        "rich 14.0.0 is installed, 15.0.0 is locked",
        "stray 1.0 is installed but not locked",
        "tzdata 2026.2 is locked but not installed",
    ]


def test_the_pip_part_is_left_out_for_the_conda_solver_and_nothing_else_is() -> None:
    asked = parse_environment(without_pip(ASKED + "  - zlib\n"))
    assert asked.pip == ()
    assert [ask.name for ask in asked.conda] == ["python", "pandas", "openjdk", "zlib"]
