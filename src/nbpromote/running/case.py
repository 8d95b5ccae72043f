"""A regression case of a production notebook: its parameters, small data of its own, and how exactly to compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from nbpromote.errors import UsageError

EMPTY: Mapping[str, object] = MappingProxyType({})
NO_DATA: Mapping[str, str] = MappingProxyType({})
RELATIVE = 1e-9
_KEYS = {"parameters", "lake", "tolerance", "ignore", "timeout", "environment"}


class BadCase(UsageError):
    """A case file that cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `path` is its YAML file; `lake` maps datasets to files beside it that are landed there before the run;
    `tolerance` is the relative difference that floating-point numbers may have; `ignore` names MIME types, streams
    (`stderr`), and cells (`cell-4`) that are not compared; `timeout` in seconds."""

    path: Path
    parameters: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    lake: Mapping[str, str] = field(default_factory=lambda: NO_DATA)
    tolerance: float = RELATIVE
    ignore: tuple[str, ...] = ()
    timeout: float | None = 600.0
    environment: Mapping[str, str] = field(default_factory=lambda: NO_DATA)

    @property
    def notebook(self) -> str:
        """The production notebook's name, without folder and suffix."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def reference(self) -> Path:
        """Where the reference is: a notebook with outputs."""
        return self.path.with_suffix(".ipynb")


def parse(path: Path, found: object) -> Case:
    """The case in the content of a YAML file; an empty file is a case with every default.

    Raises:
        BadCase: it says something unknown, or names data that is not there.
    """
    shown = str(path)
    if found is None:
        found = {}
    if not isinstance(found, dict):
        raise BadCase(shown, "is no mapping; it may have " + ", ".join(sorted(_KEYS)))
    if unknown := sorted(str(key) for key in found.keys() - _KEYS):
        raise BadCase(shown, f"{unknown[0]} is unknown; it may have {', '.join(sorted(_KEYS))}")
    parameters, lake = found.get("parameters") or {}, found.get("lake") or {}
    ignore, environment = found.get("ignore") or [], found.get("environment") or {}
    if not all(isinstance(part, dict) for part in (parameters, lake, environment)) or not isinstance(ignore, list):
        raise BadCase(shown, "parameters, lake and environment are mappings, ignore is a list")
    for dataset, file in lake.items():
        if not isinstance(file, str) or not (path.parent / file).is_file():
            raise BadCase(shown, f"the data of {dataset} is not there: {path.parent / str(file)}")
        if Path(file).suffix not in {".parquet", ".csv"}:
            raise BadCase(shown, f"the data of {dataset} is neither .parquet nor .csv: {file}")
    return Case(
        path=path,
        parameters=parameters,
        lake=lake,
        tolerance=_number(shown, "tolerance", found.get("tolerance", RELATIVE)),
        ignore=tuple(str(one) for one in ignore),
        timeout=_number(shown, "timeout", found.get("timeout", 600.0)),
        environment={str(name): str(value) for name, value in environment.items()},
    )


def _number(path: str, key: str, value: object) -> float:
    # YAML 1.1 reads 1e-6 as text: it wants 1.0e-6.
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        number = -1.0
    if number < 0:
        raise BadCase(path, f"{key} is not a number from 0 up: {value!r}")
    return number
