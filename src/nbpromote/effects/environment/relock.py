"""Make conda-lock.yml and requirements.lock anew from environment.yml and pyproject.toml.

`make lock` runs it in an environment that has conda-lock and uv, beside a conda or py-rattler. The conda part is solved
first; what both locks hold is then pinned to the conda part's versions, so that pip leaves those packages alone.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbpromote.environment import parse_conda_lock, solver
from nbpromote.environment.conda import CondaLock, without_pip
from nbpromote.environment.packages import pypi_name
from nbpromote.environment.pins import tidy
from nbpromote.errors import NbpromoteError

HEADER = """\
# Every PyPI package of the environment, for CPython 3.11 on Linux, macOS and Windows, by version and sha256.
# Made from pyproject.toml and conda-lock.yml; docs/environment.md tells how.
"""


class NotLocked(NbpromoteError):
    """A solver found no environment."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file}: no environment satisfies what is asked for, the lock stays as it was:\n{reason}")


def relock(root: Path) -> None:
    """Solve both parts, and replace both locks when both are solved."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        conda = _lock_conda(root, work)
        pypi = _lock_pypi(root, work, parse_conda_lock(conda.read_text()))
        for made, name in ((conda, "conda-lock.yml"), (pypi, "requirements.lock")):
            beside = root / f".{name}.new"
            shutil.copyfile(made, beside)
            beside.replace(root / name)


def _lock_conda(root: Path, work: Path) -> Path:
    (work / "environment.yml").write_text(without_pip((root / "environment.yml").read_text()))
    # conda-lock asks the web for a map of names unless it is given one; without a pip part it needs none.
    (work / "names.json").write_text("{}")
    conda = next((found for name in ("conda", "mamba", "micromamba") if (found := shutil.which(name))), None)
    if conda is None or os.environ.get("CHANNEL_MIRRORS"):
        conda = str(work / "conda")
        Path(conda).write_text(f"#!{sys.executable}\n{Path(solver.__file__).read_text()}")
        Path(conda).chmod(0o755)
    names = (work / "names.json").as_uri()
    call = [sys.executable, "-m", "conda_lock", "lock", "--conda", conda, "--file", "environment.yml", "--without-cuda"]
    _run("conda-lock.yml", [*call, "--lockfile", "conda-lock.yml", "--pypi_to_conda_lookup_file", names], work)
    return work / "conda-lock.yml"


def _lock_pypi(root: Path, work: Path, conda: CondaLock) -> Path:
    shared = {f"{pypi_name(package.name)}=={package.version}\n" for package in conda.packages if package.is_python}
    (work / "shared.txt").write_text("".join(sorted(shared)))
    made = work / "requirements.lock"
    if (root / "requirements.lock").exists():
        shutil.copyfile(root / "requirements.lock", made)  # uv keeps the versions that it finds there
    call = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--group", "notebooks", "--group", "dev"]
    options = [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
        "--quiet",
    ]
    _run("requirements.lock", [*call, *options, "--constraint", str(work / "shared.txt"), "-o", str(made)], root)
    made.write_text(HEADER + tidy(made.read_text()))
    return made


def _run(file: str, command: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotLocked(file, (done.stderr or done.stdout).strip())


if __name__ == "__main__":
    try:
        relock(Path.cwd())
    except NbpromoteError as refused:
        sys.exit(f"nbpromote: {refused}")
