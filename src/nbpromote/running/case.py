"""A regression case of a production notebook: its parameters, small data of its own, and how exactly to compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from nbpromote.errors import UsageError

EMPTY: Mapping[str, object] = MappingProxyType({})
NO_DATA: Mapping[str, str] = MappingProxyType({})
RELATIVE = 1e-9
_KEYS = {"parameters", "lake", "spark", "tolerance", "pixels", "ignore", "sanitize", "timeout", "environment"}


class BadCase(UsageError):
    """A case file that cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        path: its YAML file.
        lake: dataset -> file beside the case, landed before the run.
        spark: settings that the session gets where the notebook does not set them itself.
        tolerance: the relative difference that floating-point numbers may have.
        pixels: the share of a picture's pixels that may be others, where what was plotted is not known.
        ignore: what is not compared: MIME types, streams (`stderr`), cells (`cell-4`), columns (`derived/sales.at`).
        sanitize: nbval's files of replacements, beside the case.
        timeout: seconds.
        environment: variables of the kernel.
    """

    path: Path
    parameters: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    lake: Mapping[str, str] = field(default_factory=lambda: NO_DATA)
    spark: Mapping[str, str] = field(default_factory=lambda: NO_DATA)
    tolerance: float = RELATIVE
    pixels: float = 0.0
    ignore: tuple[str, ...] = ()
    sanitize: tuple[str, ...] = ()
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
    def title(self) -> str:
        """What people call it, and what `nbpromote test` takes."""
        return f"{self.notebook}/{self.name}"

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
    spark, environment = found.get("spark") or {}, found.get("environment") or {}
    ignore, sanitize = found.get("ignore") or [], found.get("sanitize") or []
    if not all(isinstance(part, dict) for part in (parameters, lake, spark, environment)):
        raise BadCase(shown, "parameters, lake, spark and environment are mappings")
    if not all(isinstance(part, list) for part in (ignore, sanitize)):
        raise BadCase(shown, "ignore and sanitize are lists")
    for file in sanitize:
        if not (path.parent / str(file)).is_file():
            raise BadCase(shown, f"the sanitize file is not there: {path.parent / str(file)}")
    for dataset, file in lake.items():
        if not isinstance(file, str) or not (path.parent / file).is_file():
            raise BadCase(shown, f"the data of {dataset} is not there: {path.parent / str(file)}")
        if Path(file).suffix not in {".parquet", ".csv"}:
            raise BadCase(shown, f"the data of {dataset} is neither .parquet nor .csv: {file}")
    return Case(
        path=path,
        parameters=parameters,
        lake=lake,
        spark={str(name): _setting(value) for name, value in spark.items()},
        tolerance=_number(shown, "tolerance", found.get("tolerance", RELATIVE)),
        pixels=_number(shown, "pixels", found.get("pixels", 0.0)),
        ignore=tuple(str(one) for one in ignore),
        sanitize=tuple(str(one) for one in sanitize),
        timeout=_number(shown, "timeout", found.get("timeout", 600.0)),
        environment={str(name): str(value) for name, value in environment.items()},
    )


def _setting(value: object) -> str:
    """A setting of Spark as Spark spells it; YAML reads `false` as a truth value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(path: str, key: str, value: object) -> float:
    # YAML 1.1 reads 1e-6 as text: it wants 1.0e-6.
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        number = -1.0
    if number < 0:
        raise BadCase(path, f"{key} is not a number from 0 up: {value!r}")
    return number
