"""Two files that a notebook wrote in two runs, told the same or different."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from nbpromote.proof import outputs, pages
from nbpromote.proof.terms import Terms
from nbpromote.proof.verdict import Outcome

_PAGES = frozenset({".html", ".htm"})
_TEXTS = _PAGES | {".csv", ".tsv", ".txt", ".json", ".jsonl", ".md", ".xml", ".yaml", ".yml", ".tex", ".sql"}
_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_ZIPS = frozenset({".xlsx", ".xlsm", ".docx", ".pptx", ".zip", ".npz"})
_PROPERTIES = "docProps/core.xml"  # of an Office document: who made it, and when
_PDF_TIMES = re.compile(rb"/(?:CreationDate|ModDate) ?\([^)]*\)|/ID ?\[[^\]]*\]")


def compare(was: Mapping[str, bytes], now: Mapping[str, bytes], terms: Terms) -> tuple[Outcome, str]:
    """How files, name -> bytes, come out against each other, in words too; a single one may have another name."""
    if not was or not now:
        return Outcome.NOT_COMPARABLE, "one is a table and the other is a file"
    if len(was) != len(now):
        return Outcome.NOT_COMPARABLE, f"{len(now)} files instead of {len(was)}"
    if len(was) > 1 and was.keys() != now.keys():
        return Outcome.DIFFERS, f"{min(was.keys() ^ now.keys())} is in one of them only"
    detail = f"{', '.join(sorted(was)[:5])}, byte for byte"
    unknown = ""
    for name, other in zip(sorted(was), sorted(now), strict=True):
        if was[name] == now[other]:
            continue
        suffix = PurePosixPath(name).suffix.lower()
        apart = difference(suffix, was[name], now[other], terms)
        if apart:
            return Outcome.DIFFERS, f"{name} {apart}"
        if apart is None:
            unknown = unknown or name
        noise = "noise or the order of lines" if terms.is_any_order else "noise"
        detail = f"{', '.join(sorted(was)[:5])}, the same but for {noise}"
    if unknown:
        return Outcome.NOT_COMPARABLE, f"{unknown} has other bytes, and its format is not one to look into"
    return Outcome.SAME, detail


def difference(suffix: str, was: bytes, now: bytes, terms: Terms) -> str | None:
    """What is different, empty when nothing but noise is; None when there is no telling."""
    if suffix in _TEXTS:
        before, after = (one.decode(errors="surrogateescape") for one in (was, now))
        if suffix in _PAGES:
            before, after = (pages.without_random_ids(one) for one in (before, after))
        is_same = outputs.is_same_text(before, after, terms.tolerance)
        is_same = is_same or (terms.is_any_order and outputs.is_same_bag(before, after))
        return "" if is_same else outputs.first_line_apart(before, after)
    if suffix in _PICTURES:
        mime = _PICTURES[suffix]
        before, after = (outputs.encoded(mime, one) for one in (was, now))
        return outputs.difference([{mime: before}], [{mime: after}], terms) or ""
    if suffix == ".pdf":
        return "" if _PDF_TIMES.sub(b"", was) == _PDF_TIMES.sub(b"", now) else None
    try:
        if suffix == ".gz":
            return "" if gzip.decompress(was) == gzip.decompress(now) else None
        if suffix in _ZIPS:
            return "" if _members(was) == _members(now) else None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        pass
    return None


def _members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist() if name != _PROPERTIES}
