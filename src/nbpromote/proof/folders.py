"""Two folders that a notebook made in two runs, told the same or different."""

import io
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import pyarrow
import pyarrow.parquet

from nbpromote.proof import files, tables
from nbpromote.proof.terms import Terms
from nbpromote.proof.verdict import Outcome

_PARTS = re.compile(r"(^|/)part-[^/]*?(\.parquet)?$")  # Spark's, of which settings tell how many there are
_IDS = re.compile(r"_[0-9a-f]{12}(?![0-9a-zA-Z])")  # of Spark's estimators and models
_STAMP = re.compile(r'(?<="timestamp":)\d{13}\b')


def compare(was: Mapping[str, bytes], now: Mapping[str, bytes], terms: Terms) -> tuple[Outcome, str]:
    """How the files of two folders, path -> bytes, come out against each other, in words too.

    Parts that Spark has made of one thing are told by what they hold together.
    """
    if not was or not now:
        return Outcome.NOT_COMPARABLE, "one is a table and the other is a folder"
    before, after = _named(was), _named(now)
    if before.keys() != after.keys():
        return Outcome.DIFFERS, f"{min(before.keys() ^ after.keys())} is in one of them only"
    for name in sorted(before):
        apart = _difference(name, before[name], after[name], terms)
        if apart:
            return Outcome.DIFFERS, f"{name} {apart}"
        if apart is None:
            return Outcome.NOT_COMPARABLE, f"{name} has other bytes, and its format is not one to look into"
    number = "1 file" if len(was) == 1 else f"{len(was):,} files"
    return Outcome.SAME, f"a folder of {number}: {', '.join(sorted(before)[:5])}{', ...' if len(before) > 5 else ''}"


def _named(found: Mapping[str, bytes]) -> dict[str, list[bytes]]:
    """The files by names that do not depend on the run, without the outermost folder's, which may be another."""
    named: dict[str, list[bytes]] = {}
    for name in sorted(found):
        inner = name.partition("/")[2] or name
        named.setdefault(_IDS.sub("", _PARTS.sub(r"\1part\2", inner)), []).append(found[name])
    return named


def _difference(name: str, was: list[bytes], now: list[bytes], terms: Terms) -> str | None:
    """What is different, empty when nothing but noise is; None when there is no telling."""
    if was == now:
        return ""
    if name.endswith(".parquet"):
        return _of_tables(was, now, terms)
    if PurePosixPath(name).name == "part":
        return files.difference(".txt", _text(was), _text(now), terms)
    return files.difference(PurePosixPath(name).suffix.lower(), b"".join(was), b"".join(now), terms)


def _text(parts: list[bytes]) -> bytes:
    text = b"".join(parts).decode(errors="surrogateescape")
    return _STAMP.sub("0", _IDS.sub("", text)).encode(errors="surrogateescape")


def _of_tables(was: list[bytes], now: list[bytes], terms: Terms) -> str | None:
    try:
        before, after = (
            pyarrow.concat_tables([pyarrow.parquet.read_table(io.BytesIO(one)) for one in each]) for each in (was, now)
        )
    except pyarrow.ArrowInvalid:
        return None
    return tables.difference(before, after, is_ordered=False, tolerance=terms.tolerance) or ""
