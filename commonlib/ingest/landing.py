"""One source file becomes one version of a dataset: typed, counted, with its original and its malformed rows kept."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from commonlib import receipts
from commonlib.ingest import casting, delimited, fixed_width
from commonlib.ingest import layout as layouts
from commonlib.ingest.errors import IngestError, UndecodableSource
from commonlib.ingest.layout import Layout
from commonlib.ingest.pieces import Malformed
from commonlib.lake import commit, manifest, paths, tables
from commonlib.lake.manifest import DataFile, Log, Version

Progress: TypeAlias = Callable[[str], None]

QUARANTINE = "_quarantine"
_QUARANTINE_SCHEMA = pa.schema(
    [("source", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("text", pa.string())]
)
_READERS = {"fixed-width": fixed_width.read, "csv": delimited.read}


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of a source. `is_new` is false when the same file had been landed before, as this version."""

    version: Version
    is_new: bool
    rows: int
    malformed: int
    quarantine: str | None


@dataclass(slots=True)
class _Tally:
    """What is seen while the rows stream by. The malformed ones wait in a file, since they can be many."""

    spool: Path
    source: str
    rows: int = 0
    malformed: int = 0
    first: Malformed | None = None
    writer: pa.RecordBatchFileWriter | None = field(default=None)

    def add(self, found: tuple[Malformed, ...]) -> None:
        if not found:
            return
        self.malformed += len(found)
        self.first = self.first or found[0]
        self.writer = self.writer or pa.ipc.new_file(str(self.spool), _QUARANTINE_SCHEMA)
        rows = [{"source": self.source, "line": each.line, "reason": each.reason, "text": each.text} for each in found]
        self.writer.write_batch(pa.RecordBatch.from_pylist(rows, _QUARANTINE_SCHEMA))

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def ingest(source: str | Path, dataset: str, schema: str | Path, *, progress: Progress | None = None) -> Landed:
    """Land a file in the lake as typed Parquet, by the layout in the YAML file `schema`.

    Rows that do not fit are kept in the dataset `<dataset>_quarantine`, with line and reason. The original is kept
    beside the data, byte for byte. The same file landed again by the same layout is the version that it was.

    Raises IngestError when the source cannot be read, or none of its rows fits; then nothing is committed.
    """
    landed = land(Path(source), dataset, layouts.read(Path(schema)), progress or (lambda _: None))
    receipts.show(receipt(landed))
    return landed


def receipt(landed: Landed) -> receipts.Receipt:
    """What a notebook shows of it."""
    version = landed.version
    return receipts.Receipt(
        "ingest",
        dataset=version.dataset,
        version=version.number,
        path=tables.place(version),
        rows=landed.rows,
        columns=tuple(column.name for column in version.columns),
        details={"malformed": landed.malformed, "already there": not landed.is_new},
    )


def land(source: Path, dataset: str, layout: Layout, progress: Progress) -> Landed:
    """Land a file by its layout, without a receipt."""
    name = paths.parse_dataset(dataset)
    log = manifest.open_log(dataset)
    digest, size = _fingerprint(source)
    key = f"ingest {digest} {layout.hash}"
    if (done := commit.find_key(log, key)) is not None:
        return _landed(done, is_new=False)
    progress(f"reading {source} ({size:,} bytes)")
    with tempfile.TemporaryDirectory(prefix="ingest-") as scratch:
        tally = _Tally(Path(scratch) / "malformed.arrow", source.name)
        kept: list[Path] = []

        def keep_original(log: Log, attempt: commit.Attempt) -> tuple[DataFile, ...]:
            path = f"{attempt.folder}/_source/{_original_name(source)}"
            with log.storage.writable(path) as target:
                shutil.copyfile(source, target)
            sealed = commit.seal(log.storage, log.dataset, path)
            if sealed.sha256 != digest:
                raise IngestError(f"{source}: changed while it was being landed; try again when it is complete")
            kept.append(Path(log.storage.local(path)))
            return (sealed,)

        def approve(rows: int) -> Mapping[str, object]:
            tally.close()
            lines = rows + tally.malformed
            if rows == 0:
                raise _hopeless(source, tally)
            progress(f"{lines:,} rows read: {rows:,} good, {tally.malformed:,} malformed")
            found: dict[str, object] = {
                "source": source.name,
                "sha256": digest,
                "bytes": size,
                "lines": lines,
                "rows": rows,
                "malformed": tally.malformed,
            }
            if tally.malformed:
                quarantined = tables.put(
                    pa.ipc.open_file(str(tally.spool)).read_all(), f"{name}{QUARANTINE}", key=key, inputs=()
                )
                found["quarantine"] = {"dataset": quarantined.dataset, "version": quarantined.number}
            return {"ingest": found}

        rows = pa.RecordBatchReader.from_batches(layout.schema, _rows(kept, source, layout, tally, progress))
        version = tables.put(rows, dataset, key=key, inputs=(), approve=approve, sources=keep_original)
    return _landed(version, is_new=True)


def _rows(
    kept: list[Path], source: Path, layout: Layout, tally: _Tally, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """The good rows of the original that was kept, which nobody changes any more."""
    try:
        for piece in _READERS[layout.form](kept[0], layout):
            tally.add(piece.malformed)
            batch, wrong = casting.cast(piece, layout.fields, layout.schema)
            tally.add(wrong)
            tally.rows += batch.num_rows
            progress(f"{tally.rows:,} rows")
            yield batch
    except UnicodeDecodeError as error:
        raise _undecodable(source, layout.encoding, error) from error


def _fingerprint(source: Path) -> tuple[str, int]:
    try:
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = source.stat().st_size
    except OSError as error:
        raise IngestError(f"{source}: cannot be read: {error.strerror}") from error
    if size == 0:
        raise IngestError(f"{source}: is empty; nothing was landed")
    return digest, size


def _original_name(source: Path) -> str:
    try:
        return paths.check_file_name(source.name)
    except ValueError:
        return "original"


def _hopeless(source: Path, tally: _Tally) -> IngestError:
    if tally.first is None:
        return IngestError(f"{source}: has no rows; nothing was landed")
    first = tally.first
    return IngestError(
        f"{source} line {first.line}: {first.reason}; none of the {tally.malformed:,} rows fits the layout, "
        "nothing was landed"
    )


def _undecodable(source: Path, encoding: str, error: UnicodeDecodeError) -> UndecodableSource:
    line = 0
    with source.open("rb") as stream:
        for line, content in enumerate(stream, 1):
            try:
                content.decode(encoding)
            except UnicodeDecodeError as found:
                byte = content[found.start]
                return UndecodableSource(str(source), encoding, line, f"byte 0x{byte:02x} at column {found.start + 1}")
    return UndecodableSource(str(source), encoding, line, error.reason)


def _landed(version: Version, *, is_new: bool) -> Landed:
    found = version.manifest.details.get("ingest")
    counts = found if isinstance(found, Mapping) else {}
    quarantine = counts.get("quarantine")
    return Landed(
        version,
        is_new,
        rows=int(counts.get("rows", version.rows or 0)),
        malformed=int(counts.get("malformed", 0)),
        quarantine=str(quarantine["dataset"]) if isinstance(quarantine, Mapping) else None,
    )
