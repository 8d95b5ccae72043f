"""What a source holds once it is unpacked: one member for each file, or for each file in a zip."""

import bz2
import contextlib
import gzip
import hashlib
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, Protocol, cast

from commonlib.ingest.errors import IngestError
from commonlib.ingest.layout import Form

_PACKED: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
)
_SUFFIXES = {".gz": "gz", ".gzip": "gz", ".bz2": "bz2", ".xz": "xz", ".zst": "zst", ".zstd": "zst"}
_FORMS: dict[str, Form] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".psv": "csv", ".txt": "csv", ".dat": "csv", ".data": "csv",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet", ".orc": "orc",
    ".avro": "avro", ".xlsx": "excel", ".xlsm": "excel",
}  # fmt: skip
_MAGIC: tuple[tuple[bytes, Form], ...] = ((b"PAR1", "parquet"), (b"ORC", "orc"), (b"Obj\x01", "avro"))
_UNREADABLE = {
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file; save it as .xlsx or .csv",
    b"%PDF": "a PDF; land the table that it was made of",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"SQLite format 3": "a SQLite database; export the table as CSV",
}
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError)


class Place(Protocol):
    """A file, on this machine's disk or elsewhere."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One table of the source. `name` is what people know it by; `place` is the file with its bytes, if any has."""

    name: str
    form: Form
    place: Place | None
    _open: Callable[[], BinaryIO]

    @contextlib.contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, unpacked. What is packed badly or cut off is refused, also in the midst of reading."""
        try:
            with self._open() as stream:
                yield stream
        except _BROKEN as error:
            raise IngestError(
                f"{self.name}: cannot be unpacked: {error or type(error).__name__}; get it again"
            ) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise IngestError(f"{self.name}: cannot be unpacked: {error}; get it again") from error

    def on_disk(self, scratch: Path) -> Path:
        """A file with its bytes, for readers that jump about in it."""
        if isinstance(self.place, Path):
            return self.place
        scratch.mkdir(parents=True, exist_ok=True)
        target = scratch / f"unpacked-{hashlib.sha256(self.name.encode()).hexdigest()}"
        if not target.exists():
            # Tasks of Spark may unpack the same one at once.
            with self.open() as stream, tempfile.NamedTemporaryFile(dir=scratch, delete=False) as file:
                shutil.copyfileobj(stream, file, 1 << 20)
            Path(file.name).replace(target)
        return target


def members(name: str, path: Place, form: Form | None) -> list[Member]:
    """What the file at the place holds. `form` is the declared one, if any. Raises IngestError."""
    with path.open("rb") as stream:
        head = stream.read(512)
    for mark, what in _UNREADABLE.items():
        if head.startswith(mark):
            raise IngestError(f"{name}: is {what}")
    if head[257:262] == b"ustar":
        raise IngestError(f"{name}: is a tar archive; unpack it and land the folder")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if form != "excel" and not _is_workbook(name, path):
            return _zipped(name, path, form)
        form = "excel"
    packing = next((packing for mark, packing in _PACKED if head.startswith(mark)), None)
    suffix = PurePosixPath(name).suffix.lower()
    if packing is None and suffix in _SUFFIXES:
        raise IngestError(f"{name}: is called {suffix} but is not packed so; rename it to what it is")
    if packing is None:
        return [Member(name, form or _form(name, head), path, lambda: path.open("rb"))]
    inner = name[: -len(suffix)] if suffix in _SUFFIXES else name

    def unpack() -> BinaryIO:
        return _unpack(path, packing)

    if form is None:
        member = Member(name, "csv", None, unpack)
        with member.open() as unpacked:
            inside = unpacked.read(512)
        if inside[257:262] == b"ustar":
            raise IngestError(f"{name}: is a tar archive; unpack it and land the folder")
        form = _form(inner, inside)
    return [Member(name, form, None, unpack)]


def _unpack(path: Place, packing: str) -> BinaryIO:
    match packing:
        case "gz":
            return cast(BinaryIO, gzip.open(path.open("rb")))
        case "bz2":
            return cast(BinaryIO, bz2.open(path.open("rb")))
        case "xz":
            return cast(BinaryIO, lzma.open(path.open("rb")))
    import pyarrow as pa

    return cast(BinaryIO, pa.CompressedInputStream(path.open("rb"), "zstd"))


def _is_workbook(name: str, path: Place) -> bool:
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise IngestError(f"{name}: cannot be unpacked: {error}; get it again") from error


def _zipped(name: str, path: Place, form: Form | None) -> list[Member]:
    found = []
    with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not is_hidden(entry.filename)]
        for entry in entries:
            if entry.flag_bits & 1:
                raise IngestError(f"{name}: {entry.filename} is encrypted; unpack it with its password")
            with archive.open(entry) as packed:
                head = packed.read(512)
            inner = f"{name}/{entry.filename}"
            if any(head.startswith(mark) for mark, _ in _PACKED) or head.startswith(b"PK\x03\x04"):
                raise IngestError(f"{inner}: is packed once more; unpack {name} and land the folder")
            found.append(Member(inner, form or _form(entry.filename, head), None, _opener(path, entry)))
    return sorted(found, key=lambda member: member.name)


def _opener(path: Place, entry: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, zipfile.ZipFile(path.open("rb")).open(entry))


def is_hidden(name: str) -> bool:
    """Whether tools made the file, and no person: .DS_Store, _SUCCESS, __MACOSX."""
    return any(part.startswith((".", "_")) for part in PurePosixPath(name).parts)


def _form(name: str, head: bytes) -> Form:
    for mark, form in _MAGIC:
        if head.startswith(mark):
            return form
    if (found := _FORMS.get(PurePosixPath(name).suffix.lower())) is not None:
        if found in ("parquet", "orc", "avro", "excel"):
            raise IngestError(f"{name}: is called {found}, and its first bytes are not {found}'s; get it again")
        return found
    raise IngestError(f"{name}: its name does not say what it is; say it with --format, for example --format csv")
