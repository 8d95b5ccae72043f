"""What a production notebook leaves behind for whoever reads its outputs: what it read, wrote, validated.

A receipt is displayed in the cell that caused it, as JSON under a MIME type of its own beside one line of text. So
a production notebook keeps its record wherever it runs, without knowing the tool that reads it. Standard library only.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, cast, get_args

from commonlib.errors import CommonlibError

MIME = "application/vnd.commonlib.receipt+json"

Kind: TypeAlias = Literal["read", "write", "ingest", "validate", "exit", "parameters"]
Scalar: TypeAlias = str | int | float | bool | None

KINDS: tuple[Kind, ...] = get_args(Kind)
_VERBS: Mapping[str, str] = {"write": "wrote", "ingest": "ingested", "validate": "validated"}


class ReceiptError(CommonlibError, ValueError):
    """Something is not a receipt, or cannot be kept in one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that happened to data, or to the run itself.

    `dataset` is `zone/name`, `version` its number, `path` where it lies; `rows` and `columns` are what was read or
    written, as far as known without computing it. `details` holds whatever else is worth keeping, as JSON scalars.
    """

    kind: Kind
    dataset: str | None = None
    version: int | None = None
    path: str | None = None
    rows: int | None = None
    columns: tuple[str, ...] = ()
    details: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ReceiptError(f"{self.kind!r} is not a kind of receipt; the kinds are {', '.join(KINDS)}")
        for what, value, fit in (
            ("dataset", self.dataset, str),
            ("path", self.path, str),
            ("version", self.version, int),
            ("rows", self.rows, int),
        ):
            if value is not None and (not isinstance(value, fit) or isinstance(value, bool)):
                raise ReceiptError(f"a receipt's {what} is {fit.__name__} or None, not {value!r}")
        if isinstance(self.columns, str) or not all(isinstance(column, str) for column in self.columns):
            raise ReceiptError(f"a receipt's columns are names, not {self.columns!r}")
        for key, detail in self.details.items():
            if not isinstance(key, str) or not _is_scalar(detail):
                raise ReceiptError(f"detail {key!r} of a receipt is not a JSON scalar: {detail!r}")
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))

    def __str__(self) -> str:
        words: list[str] = [_VERBS.get(self.kind, self.kind)]
        if self.dataset is not None:
            words.append(self.dataset)
        if self.version is not None:
            words.append(f"version {self.version}")
        if self.dataset is None and self.path is not None:
            words.append(self.path)
        facts = [_count(self.rows, "row")] if self.rows is not None else []
        facts += [_count(len(self.columns), "column")] if self.columns else []
        facts += [f"{key} {value}" for key, value in self.details.items()]
        return " ".join(words) + (": " + ", ".join(facts) if facts else "")

    def __reduce__(self) -> tuple[object, ...]:
        return from_json, (to_json(self),)


def to_json(receipt: Receipt) -> dict[str, object]:
    """The receipt as a JSON object; what is absent is left out."""
    found: dict[str, object] = {"kind": receipt.kind}
    for key in ("dataset", "version", "path", "rows"):
        if (value := getattr(receipt, key)) is not None:
            found[key] = value
    if receipt.columns:
        found["columns"] = list(receipt.columns)
    if receipt.details:
        found["details"] = dict(receipt.details)
    return found


def from_json(data: str | Mapping[str, object]) -> Receipt:
    """The receipt that `to_json` made, from the object or from its text. Keys of later versions are passed over.

    Raises ReceiptError when it is none.
    """
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError as error:
            raise ReceiptError(f"a receipt is a JSON object, but this text is no JSON: {error}") from error
    if not isinstance(data, Mapping):
        raise ReceiptError(f"a receipt is a JSON object, not {data!r}")
    columns, details = data.get("columns", ()), data.get("details", {})
    if not isinstance(columns, Sequence) or not isinstance(details, Mapping):
        raise ReceiptError("a receipt's columns are a list and its details an object")
    return Receipt(
        kind=cast(Kind, data.get("kind")),
        dataset=cast(str | None, data.get("dataset")),
        version=cast(int | None, data.get("version")),
        path=cast(str | None, data.get("path")),
        rows=cast(int | None, data.get("rows")),
        columns=cast(tuple[str, ...], columns),
        details=cast(Mapping[str, Scalar], details),
    )


def show(receipt: Receipt) -> None:
    """Display the receipt in the current cell's output; outside IPython, print its line."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(receipt)
        return
    from IPython.display import publish_display_data

    publish_display_data({MIME: to_json(receipt), "text/plain": str(receipt)})  # type: ignore[no-untyped-call]


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int | bool)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
