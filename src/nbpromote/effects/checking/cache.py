"""What was found in a notebook before, kept in the user's cache folder by the notebook's content.

An entry is a file of its own, named after the digest of all that the findings depend on: the notebook's content, the
tool's own code and Python's version, and the specifications. So an entry is right or not there, two processes never
write the same bytes differently, and a file that is broken counts as not there.
"""

import contextlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from nbpromote import __version__
from nbpromote.analysis.checking import Checked, FileFix
from nbpromote.analysis.facts import Span
from nbpromote.analysis.findings import Finding, Fix, Severity
from nbpromote.effects.checking.in_place import may_be_in_place
from nbpromote.effects.checking.neighbours import neighbours_of

_PACKAGE = Path(__file__).parents[2]
_PARTS = ("analysis", "notebook", "promotion", "effects/checking")
_READERS = ("ipython", "jupytext", "sqlglot", "detect-secrets", "ruff")
_DAY = 86_400
_KEPT_DAYS = 60


class CheckCache:
    """Checked notebooks by their content. Whatever goes wrong with its files, it only knows less."""

    def __init__(self, folder: Path | None, specifications: Sequence[Path] = ()) -> None:
        self._folder = folder
        self._specifications = tuple(specifications)

    def get(self, data: bytes, path: str) -> Checked | None:
        """What is known of a notebook with this content, told of this path; None when nothing is."""
        place = self._place(data, path)
        if place is None:
            return None
        try:
            digest, _, text = place.read_bytes().partition(b"\n")
            if sha256(text).hexdigest().encode() != digest:
                return None
            checked = _from_json(text, path)
            if time.time() - place.stat().st_mtime > _DAY:
                os.utime(place)
        except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError):
            return None
        return checked

    def put(self, data: bytes, checked: Checked) -> None:
        """Remember what was found in this content."""
        place = self._place(data, checked.path)
        if place is None:
            return
        text = _to_json(checked)
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=place.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(sha256(text).hexdigest().encode() + b"\n" + text)
                os.replace(name, place)  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108
                raise

    def tidy(self) -> None:
        """Once a day, forget what nobody has asked for in two months."""
        if self._folder is None:
            return
        now = time.time()
        marker = self._folder / "tidied"
        with contextlib.suppress(OSError):
            if marker.exists() and now - marker.stat().st_mtime < _DAY:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            marker.touch()
            for entry in self._folder.glob("??/*"):
                with contextlib.suppress(OSError):
                    if now - entry.stat().st_mtime > _KEPT_DAYS * _DAY:
                        entry.unlink()

    def _place(self, data: bytes, path: str) -> Path | None:
        if self._folder is None:
            return None
        suffix = Path(path).suffix.lower()  # of the path, it is all that reading depends on
        beside = " ".join(sorted(neighbours_of(data, Path(path))))
        where = "production" if may_be_in_place(data, Path(path)) else ""
        digest = sha256(f"{self._conditions}\n{suffix}\n{where}\n{beside}\n".encode() + data).hexdigest()
        return self._folder / digest[:2] / digest[2:]

    @cached_property
    def _conditions(self) -> str:
        """The digest of what findings depend on besides the notebook."""
        digest = sha256(f"{__version__} {platform.python_implementation()} {sys.version}".encode())
        for name in _READERS:
            with contextlib.suppress(metadata.PackageNotFoundError):
                digest.update(f"{name}={metadata.version(name)}".encode())
        for file in _files(_PACKAGE / part for part in _PARTS):
            digest.update(f"\n{file.relative_to(_PACKAGE).as_posix()}\n".encode() + file.read_bytes())
        for file in _files(self._specifications):
            digest.update(f"\n{file.name}\n".encode() + file.read_bytes())
        return digest.hexdigest()


def cache_folder() -> Path | None:
    """Where this user's caches are, by the platform's custom; None when the user has no home."""
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if named and Path(named).is_absolute():
        return Path(named) / "nbpromote" / "checks"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "nbpromote" / "checks"


def _files(folders: Iterable[Path]) -> list[Path]:
    found = []
    for folder in folders:
        found += [folder] if folder.is_file() else sorted([*folder.rglob("*.py"), *folder.rglob("*.toml")])
    return found


def _to_json(checked: Checked) -> bytes:
    findings = [
        [
            each.code,
            each.cell,
            each.cell_id,
            [each.span.line, each.span.column, each.span.end_line, each.span.end_column] if each.span else None,
            each.message,
            each.hint,
            each.severity.value,
            each.line,
            [*astuple(each.fix.span), each.fix.text] if each.fix else None,
        ]
        for each in checked.findings
    ]
    fixes = [astuple(each) if each else None for each in checked.file_fixes]
    numbers = [checked.cells, checked.needed, checked.results, checked.blocking]
    return json.dumps({"numbers": numbers, "lines": checked.file_lines, "fixes": fixes, "findings": findings}).encode()


def _from_json(text: bytes, path: str) -> Checked:
    document = json.loads(text)
    findings = tuple(
        Finding(
            code,
            path,
            cell,
            cell_id,
            Span(*span) if span else None,
            message,
            hint,
            Severity(severity),
            line,
            Fix(Span(*fix[:4]), fix[4]) if fix else None,
        )
        for code, cell, cell_id, span, message, hint, severity, line, fix in document["findings"]
    )
    cells, needed, results, blocking = document["numbers"]
    fixes = tuple(FileFix(*fix) if fix else None for fix in document["fixes"])
    return Checked(path, findings, cells, needed, results, blocking, tuple(document["lines"]), fixes)
