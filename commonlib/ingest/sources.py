"""Where a source lies: a file, a folder or pattern of files, a place in S3 or Azure, a table of PostgreSQL."""

import glob
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from commonlib.ingest import postgres, remote
from commonlib.ingest.errors import IngestError
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import is_hidden
from commonlib.lake import paths

_DATABASES = (
    *("mysql", "mariadb", "sqlserver", "mssql", "oracle", "sqlite", "duckdb", "snowflake", "redshift", "db2", "h2"),
    *("bigquery", "clickhouse", "hive2", "databricks", "trino", "presto", "teradata", "sap", "odbc"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Original:
    """One file of the source as it came: its name among the others, where it lies, its size and hash."""

    name: str
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """Files that are landed together. `name` is what a manifest says of them: no folder of this machine.

    `layout` is what the place that they come from says of them, where it says anything.
    """

    shown: str
    name: str
    originals: tuple[Original, ...]
    told: tuple[str, ...] = ()
    layout: Layout | None = None

    @property
    def digest(self) -> str:
        """That of the one file; of many, one over their names and digests."""
        if len(self.originals) == 1:
            return self.originals[0].sha256
        lines = "".join(f"{one.sha256} {one.name}\n" for one in self.originals)
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.originals)


def find(text: str, scratch: Path, table: str | None = None) -> Source:
    """The files that the text names; what lies elsewhere is copied to `scratch` first. Raises IngestError.

    `table` is the one to take, where the text names a database.
    """
    is_database, text = text.startswith("jdbc:"), text.removeprefix("jdbc:")
    if text.partition("://")[0] in postgres.SCHEMES:
        if table is None:
            raise IngestError("a database has many tables; say which with --table, for example --table public.orders")
        path, layout = postgres.fetch(text, table, scratch)
        return Source(f"table {table}", table, (_original(path, path.name),), layout=layout)
    if is_database:
        if table is None:
            raise IngestError("a database has many tables; say which with --table, for example --table app.orders")
        from commonlib.ingest import jdbc

        path, told = jdbc.fetch(f"jdbc:{text}", table, scratch)
        return Source(f"table {table}", table, (_original(path, path.name),), told)
    if (scheme := text.partition("://")[0].lower()) in _DATABASES:
        # No more of the address is said: each vendor writes the password elsewhere in it.
        raise IngestError(
            f"{scheme}: databases other than PostgreSQL are read by Spark and the vendor's driver: write "
            f"jdbc:{scheme}:... as the driver has it (see docs/ingest.md), or export the table in one transaction, "
            "and land that"
        )
    if table is not None:
        raise IngestError(f"{remote.shown(text)}: is no database, and has no table {table!r}")
    if "://" in text and not Path(text).exists():
        folder, name = remote.fetch(text, scratch)
        return _of_files(remote.shown(text), name, folder, sorted(path for path in folder.rglob("*") if path.is_file()))
    path = Path(text)
    if path.is_dir():
        return _of_files(text, path.absolute().name, path, _files(path))
    if not path.exists() and glob.has_magic(text):
        found = sorted(Path(each) for each in glob.iglob(text, recursive=True) if Path(each).is_file())  # noqa: PTH207
        if not found:
            raise IngestError(f"{text}: no file has such a name")
        top = path.parent
        while glob.has_magic(str(top)):
            top = top.parent
        return _of_files(text, path.name, top, found)
    try:
        return Source(text, path.name, (_original(path, path.name),))
    except OSError as error:
        raise IngestError(f"{text}: cannot be read: {error.strerror}") from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _of_files(shown: str, name: str, top: Path, files: Sequence[Path]) -> Source:
    hidden = [path for path in files if is_hidden(path.relative_to(top).as_posix())]
    empty = [path for path in files if path not in hidden and path.stat().st_size == 0]
    taken = [path for path in files if path not in hidden and path not in empty]
    if not taken:
        raise IngestError(f"{shown}: has no file to land")
    told = [f"{path.relative_to(top).as_posix()} is left out: tools made it, its name says" for path in hidden]
    told += [f"{path.relative_to(top).as_posix()} is empty and left out" for path in empty]
    try:
        originals = tuple(_original(path, path.relative_to(top).as_posix()) for path in taken)
    except OSError as error:
        raise IngestError(f"{shown}: {error.filename} cannot be read: {error.strerror}") from error
    return Source(shown, name, originals, tuple(told))


def _original(path: Path, name: str) -> Original:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size = path.stat().st_size
    if size == 0:
        raise IngestError(f"{path}: is empty; nothing was landed")
    return Original(name, path, size, digest)


def keeping_name(original: Original, number: int) -> str:
    """The path under which the original is kept: its own, unless a file in a lake cannot be called so."""
    try:
        for part in original.name.split("/"):
            paths.check_file_name(part)
    except ValueError:
        return "original" if number == 0 else f"original-{number + 1:05d}"
    return original.name
