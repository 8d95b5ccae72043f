"""Where things are in a notebook repository, as its `pyproject.toml` says under `[tool.nbpromote]`."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from commonlib.lake import paths
from nbpromote.errors import UsageError


class BadConfiguration(UsageError):
    """`pyproject.toml` cannot be read, or `[tool.nbpromote]` says something unknown."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A notebook repository. `root` is absolute; the folders are relative to it unless given absolute.

    `lake` follows the environment's `LAKE_ROOT`, as `commonlib.lake` does; `remote_lake` where the lake is no folder.
    `remote_runs` is where the runs are kept when that is object storage; `runs` then holds copies.
    `is_configured` where `pyproject.toml` has `[tool.nbpromote]`.
    """

    root: Path
    adhoc: Path = Path("notebooks/adhoc")
    production: Path = Path("notebooks/production")
    tests: Path = Path("tests/notebooks")
    runs: Path = Path("runs")
    lake: Path = Path("lake")
    is_configured: bool = False
    remote_lake: str | None = None
    remote_runs: str | None = None

    def folder(self, name: str) -> Path:
        """The absolute path of one of the folders above. Raises UsageError for a lake that is not on a disk."""
        if name == "lake" and self.remote_lake is not None:
            raise UsageError("this needs a lake on a disk; LAKE_ROOT, or [tool.nbpromote], names a place elsewhere")
        path: Path = getattr(self, name)
        return self.root / path

    @property
    def lake_root(self) -> str:
        """The lake as `commonlib.lake` takes it: a folder, or a place such as s3://bucket/prefix."""
        return self.remote_lake or str(self.folder("lake"))

    def is_production(self, notebook: Path) -> bool:
        """Whether this notebook lies in the production folder."""
        return notebook.resolve().is_relative_to(self.folder("production").resolve())

    def cwd_of(self, notebook: Path) -> Path:
        """Where a notebook runs: a production notebook in the repository's root, any other in its own folder.

        Production notebooks are the repository's, and name files from its root wherever they are called from; an ad-hoc
        notebook was written in Jupyter, which runs it where it lies.
        """
        return self.root if self.is_production(notebook) else notebook.resolve().parent

    def relative(self, path: Path) -> str:
        """This path as it is written in plans and records: POSIX, from the root; absolute when outside."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100  symbolic links stay as the user wrote them
        return whole.relative_to(self.root).as_posix() if whole.is_relative_to(self.root) else whole.as_posix()


def find(start: Path) -> Repository:
    """The repository that holds this path.

    Its root is the nearest folder upwards whose `pyproject.toml` has `[tool.nbpromote]`, else the nearest with `.git`,
    else the folder itself.

    Raises:
        BadConfiguration: the `pyproject.toml` found is broken.
    """
    here = start.resolve()
    if not here.is_dir():
        here = here.parent
    folders = (here, *here.parents)
    for folder in folders:
        settings = _settings(folder / "pyproject.toml")
        if settings is not None:
            return _repository(folder, settings, is_configured=True)
    root = next((folder for folder in folders if (folder / ".git").exists()), here)
    return _repository(root, {})


def _settings(path: Path) -> dict[str, object] | None:
    try:
        text = path.read_bytes()
    except OSError:
        return None
    if b"nbpromote" not in text:
        return None
    try:
        tool = tomllib.loads(text.decode()).get("tool", {})
    except ValueError as error:
        raise BadConfiguration(str(path), f"is not TOML ({error})") from error
    settings = tool.get("nbpromote")
    return settings if isinstance(settings, dict) else None


def _repository(root: Path, settings: dict[str, object], *, is_configured: bool = False) -> Repository:
    known = {"adhoc", "production", "tests", "runs", "lake"}
    folders: dict[str, Path] = {}
    for name in known:
        value = settings.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise BadConfiguration(
                str(root / "pyproject.toml"), f"[tool.nbpromote] {name} must be the name of a folder"
            )
        folders[name] = Path(value)
    runs = os.environ.get("RUNS_ROOT") or str(settings.get("runs", ""))
    if "://" in runs:
        folders["runs"] = Path("runs")
    elif runs:
        folders["runs"] = Path(runs)
    lake = os.environ.get("LAKE_ROOT") or str(settings.get("lake", ""))
    remote = paths.remote_root({"LAKE_ROOT": lake})
    if remote is not None:
        folders["lake"] = Path("lake")
    elif lake:
        folders["lake"] = Path(lake)
    return Repository(
        root, is_configured=is_configured, remote_lake=remote, remote_runs=runs if "://" in runs else None, **folders
    )
