"""A fresh environment built from the locks, and the repository's tests run in it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

from packaging.requirements import Requirement

import nbpromote
from commonlib import errors
from nbpromote.effects.environment.installing import NotInstalled, index_environ, install, make_venv
from nbpromote.effects.files.repository import Repository
from nbpromote.environment.packages import normal_name

_NOTHING_COLLECTED = 5
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Tested:
    """How many tests ran, and the files of those that failed with the reason of the first: notebooks by their name."""

    count: int
    failed: Mapping[str, str]


def build(folder: Path, locks: Path, python: str, pins: Mapping[str, str], *, solvers: Path, conda: str | None) -> Path:
    """Install the locks into a new environment; its interpreter.

    The conda part where there is a conda, else only what PyPI has. nbpromote itself, and what it needs and no lock
    holds, stands behind what is locked.

    Args:
        folder: Where it is made.
        locks: The folder of conda-lock.yml and requirements.lock.
        python: The Python that is locked, as 3.11.
        pins: Name -> version of requirements.lock here.
        solvers: The interpreter that has conda-lock.
        conda: The conda, mamba or micromamba; None for none.

    Raises:
        NotInstalled: something cannot be installed.
    """
    if conda is not None:
        call = [str(solvers), "-m", "conda_lock", "install", "--conda", conda, "--prefix", str(folder)]
        done = subprocess.run(
            [*call, "conda-lock.yml"], cwd=locks, env=index_environ(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise NotInstalled("the conda part", (done.stderr or done.stdout).strip())
        interpreter = folder / "bin" / "python"
    else:
        here = ".".join(map(str, sys.version_info[:2])) == python
        interpreter = make_venv(folder, getattr(sys, "_base_executable", sys.executable) if here else python)
    if pins:
        install(interpreter, ["--require-hashes", "--requirement", "requirements.lock"], "what is locked", cwd=locks)
    _link_tool(interpreter, pins)
    return interpreter


def _link_tool(interpreter: Path, pins: Mapping[str, str]) -> None:
    """Let the environment find this nbpromote: the package and what `importlib.metadata` reads of it."""
    asked = subprocess.run(
        [str(interpreter), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    site = Path(asked.stdout.strip())
    package = Path(nbpromote.__file__).parent
    if not (site / "nbpromote").exists():
        (site / "nbpromote").symlink_to(package)
        info = Path(str(metadata.distribution("nbpromote").locate_file(f"nbpromote-{nbpromote.__version__}.dist-info")))
        if info.is_dir():
            (site / info.name).symlink_to(info)
    needed = [Requirement(text) for text in metadata.requires("nbpromote") or ()]
    lacking = [one for one in needed if one.marker is None and normal_name(one.name) not in pins]
    # A .pth file's folders come after those of the environment, and those after the repository's own commonlib.
    behind = [one for one in sys.path if Path(one).name in ("site-packages", "dist-packages")] if lacking else []
    behind.append(str(Path(errors.__file__).parents[1]))
    (site / "nbpromote_behind.pth").write_text("".join(f"{one}\n" for one in behind), encoding="utf-8")


def run_tests(interpreter: Path, repository: Repository, paths: Sequence[str], report: Path) -> Tested:
    """Run these files and folders of tests in the repository's root by pytest; what came out.

    Raises:
        NotInstalled: pytest does not start there.
    """
    call = [str(interpreter), "-m", "pytest", "--quiet", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
    options = ["-o", "junit_family=xunit1", f"--junitxml={report}", f"--rootdir={repository.root}"]
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environ["PATH"] = f"{interpreter.parent}{os.pathsep}{environ.get('PATH', '')}"
    done = subprocess.run(
        [*call, *options, *paths], cwd=repository.root, env=environ, capture_output=True, text=True, check=False
    )
    if not report.exists() or done.returncode not in (0, 1, _NOTHING_COLLECTED):
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:])
        raise NotInstalled("the tests: pytest does not start in the fresh environment", told)
    return _read(report, repository)


def _read(report: Path, repository: Repository) -> Tested:
    count = 0
    failed: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        count += 1
        problem = next((one for one in case if one.tag in ("failure", "error")), None)
        if problem is not None:
            lines = (problem.get("message") or problem.text or "failed").split("\n")
            told = [line.strip() for line in lines if line.strip()]
            failed.setdefault(_place(case, repository), ": ".join(told[:2]))
    return Tested(count, failed)


def _place(case: ElementTree.Element, repository: Repository) -> str:
    """The notebook whose case it is, else the file of the test."""
    file = case.get("file") or (case.get("classname") or "").replace(".", "/")
    path = repository.root / file
    folder = repository.folder("tests")
    if path.is_relative_to(folder) and path.suffix == ".yml":
        return path.parent.name
    if path.is_relative_to(repository.folder("production")):  # a cell of the notebook, as its case tells it
        return path.stem
    return file
