"""The files that describe this repository's environment agree with each other, and with what is installed."""

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

from nbpromote.effects.environment.variants import find_variant_drift
from nbpromote.environment import (
    Environment,
    find_drift,
    find_installed_drift,
    parse_conda_lock,
    parse_environment,
    parse_pins,
)
from nbpromote.environment.packages import normal_name
from nbpromote.publish.databricks.vendor import python_of_client

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = parse_environment((ROOT / "environment.yml").read_text())
PINS = parse_pins((ROOT / "requirements.lock").read_text())
# Put together here, so that this file does not hold what it looks for.
INDEXES = "|".join(re.escape(".".join(host)) for host in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")])


def required(*groups: str) -> tuple[str, ...]:
    return tuple(PYPROJECT["project"]["dependencies"]) + tuple(
        requirement for group in groups for requirement in PYPROJECT["dependency-groups"][group]
    )


def committed_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_environment_yml_pyproject_and_both_locks_agree() -> None:
    locked = parse_conda_lock((ROOT / "conda-lock.yml").read_text())
    drift = find_drift(Environment(ASKED, locked, PINS, required("notebooks", "dev")))
    assert not drift, "\n" + "\n".join(map(str, drift))
    assert locked.platforms == ASKED.platforms == ("linux-64", "osx-arm64", "osx-64", "win-64")


def test_what_an_extra_asks_for_is_what_developers_test_with() -> None:
    asked = {one for extra in PYPROJECT["project"]["optional-dependencies"].values() for one in extra}
    assert asked <= {*PYPROJECT["dependency-groups"]["dev"]}


def test_environment_yml_asks_for_what_pyproject_requires_and_nothing_else() -> None:
    conda = {ask.name: ask.spec for ask in ASKED.conda}
    asked = {f"{name}{spec}" for name, spec in conda.items()} | {
        requirement.replace(" ", "") for requirement in ASKED.pip
    }
    interpreter = {"python=3.11", "pip", "openjdk=17"}
    assert asked - interpreter == {requirement.replace(" ", "") for requirement in required("notebooks")}


def test_the_variant_with_r_asks_for_the_same_and_for_r() -> None:
    variant = parse_environment((ROOT / "environment-r.yml").read_text())
    assert {ask.name for ask in variant.conda if ask not in ASKED.conda} == {"r-base", "r-irkernel", "r-reticulate"}
    assert set(ASKED.conda) < set(variant.conda)
    assert (variant.pip, variant.platforms, variant.channels) == (ASKED.pip, ASKED.platforms, ASKED.channels)


def test_the_environment_of_databricks_and_its_locks_agree_and_hold_all_that_notebooks_import() -> None:
    assert not [*find_variant_drift(ROOT)]
    asked = parse_environment((ROOT / "environment-databricks.yml").read_text())
    wanted = {normal_name(re.split(r"[^\w.-]", one)[0]) for one in asked.pip}
    mine = {normal_name(re.split(r"[^\w.-]", one)[0]) for one in PYPROJECT["dependency-groups"]["notebooks"]}
    assert mine | {"numpy", "pandas", "pyarrow", "pyyaml", "ipykernel", "databricks-connect"} <= wanted
    pins = {pin.name: pin.version for pin in parse_pins((ROOT / "requirements-databricks.lock").read_text())}
    assert "pyspark" not in pins
    python = next(ask.spec for ask in asked.conda if ask.name == "python").strip("=")
    assert python_of_client(pins["databricks-connect"]) == python


def test_what_is_installed_is_what_is_locked() -> None:
    if not (Path(sys.prefix) / ".made-by-make").exists():
        pytest.skip("this interpreter is not of an environment that make made")
    installed = {normal_name(one.name): one.version for one in distributions()}
    drift = find_installed_drift(PINS, installed, ours=["nbpromote", "pip"])
    assert not drift, "\n" + "\n".join(map(str, drift))


def test_whatever_the_code_imports_is_a_stated_requirement() -> None:
    distribution_of = packages_distributions()
    extras = [one for extra in PYPROJECT["project"]["optional-dependencies"].values() for one in extra]
    stated = {normal_name(re.split(r"[^\w.-]", requirement)[0]) for requirement in (*required("notebooks"), *extras)}
    missing = set()
    for path in [*ROOT.glob("src/**/*.py"), *ROOT.glob("commonlib/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names - OPTIONAL:
                found = {normal_name(one) for one in distribution_of.get(name, [name])}
                if not found & {*stated, "nbpromote"}:
                    missing.add(f"{path.relative_to(ROOT)}:{node.lineno} imports {name} ({', '.join(found)})")
    assert not missing, "\n" + "\n".join(sorted(missing))


# Imported where they are there: the solver of `nbpromote env lock`, what a cluster brings, and schemas of people's own.
OPTIONAL = {"dbruntime", "rattler", "conda_lock", "databricks", "commonlib", "nbpromote"}


def test_no_committed_file_holds_the_address_of_a_package_index() -> None:
    found = []
    for path in committed_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        if re.search(INDEXES, text):
            found.append(f"{path.relative_to(ROOT)} names a package index")
        if (
            path.name.startswith(("requirements", "environment"))
            and path.suffix in {".lock", ".yml"}
            and re.search(r"://|--(extra-)?index|find-links", text)
        ):
            found.append(f"{path.relative_to(ROOT)} names an address")
        if path.name.startswith("conda-lock") and path.suffix == ".yml" and re.search(r"file://|manager: pip", text):
            found.append(f"{path.relative_to(ROOT)} names a place on a machine, or locks a PyPI package")
    assert not found


def test_make_answers_at_once_when_the_environment_stands() -> None:
    bootstrap = runpy.run_path(str(ROOT / "bootstrap.py"))
    if bootstrap["stamp"]() != bootstrap["wanted"]():
        pytest.skip("this checkout has no environment that fits its lock")
    before = os.times()
    done = subprocess.run(
        ["make", "--no-print-directory", "environment"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    after = os.times()
    assert done.stdout == ""
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.3


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "commonlib").mkdir()
    for name in ("bootstrap.py", "Makefile", "requirements.lock", "pyproject.toml", "commonlib/class_archive.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_up(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    base = getattr(sys, "_base_executable", sys.executable)
    # No index is asked in these tests: the address is a closed port on this machine.
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHON": base,
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    command = [base, "-I", "-B", "bootstrap.py"]
    environ |= nowhere | variables
    return subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)


def test_without_a_network_one_line_says_so_and_the_exit_is_not_zero(checkout: Path) -> None:
    done = set_up(checkout)
    assert done.returncode == 1
    assert done.stderr.startswith("nbpromote: no network: ")
    assert done.stderr.count("\n") == 1


def test_another_python_is_refused_in_one_line_that_tells_what_to_install(checkout: Path) -> None:
    other = checkout / "python3.9"
    other.write_text("#!/bin/sh\necho 3.9 /usr/bin/python3.9\n")
    other.chmod(0o755)
    done = set_up(checkout, PYTHON=str(other))
    assert done.returncode == 1
    assert done.stderr == (
        f"nbpromote: needs Python 3.11 ({other} is 3.9): on Debian or Ubuntu "
        '"sudo apt-get install python3.11 python3.11-venv", or name one: make PYTHON=/path/to/python3.11\n'
    )


def test_an_environment_that_somebody_else_made_is_left_alone(checkout: Path) -> None:
    precious = checkout / ".venv" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    done = set_up(checkout)
    assert done.returncode == 1
    assert "was not made by this Makefile" in done.stderr
    assert precious.read_text() == "mine"


def test_a_set_up_that_was_killed_is_begun_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / ".made-by-make").write_text("building")
    (checkout / ".venv" / "half-a-package").write_text("")
    assert "no network" in set_up(checkout).stderr  # it got as far as the first download
    assert not (checkout / ".venv" / "half-a-package").exists()


def test_a_full_disk_is_said_before_anything_is_written(checkout: Path) -> None:
    text = (checkout / "bootstrap.py").read_text()
    (checkout / "bootstrap.py").write_text(text.replace("VENV: 1", "VENV: 1000000"))  # no disk here is that large
    done = set_up(checkout)
    assert done.returncode == 1
    assert "not enough room on the disk" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()
