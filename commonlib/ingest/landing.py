"""A source becomes one version of a dataset: typed, counted, with its originals and its malformed rows kept."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from commonlib import receipts
from commonlib.ingest import engines, folders, sources
from commonlib.ingest import layout as layouts
from commonlib.ingest.engines import Engine
from commonlib.ingest.errors import IngestError
from commonlib.ingest.fields import Field
from commonlib.ingest.layout import Layout
from commonlib.ingest.members import Place, members
from commonlib.ingest.sources import Source
from commonlib.ingest.tally import Tally
from commonlib.lake import commit, logs, paths, tables
from commonlib.lake.logs import Log, Version
from commonlib.lake.manifest import DataFile
from commonlib.lake.schema import columns_of

Progress: TypeAlias = Callable[[str], None]

QUARANTINE = "_quarantine"


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of a source. `is_new` is false when the same source had been landed before, as this version.

    `layout` describes the source with the types that its columns got, and `told` says what else is worth knowing: what
    was found out and not declared, and why a column is text. `files` are the rows and malformed rows of each file.
    """

    version: Version
    is_new: bool
    rows: int
    malformed: int
    quarantine: str | None
    layout: Layout = Layout()  # noqa: RUF009 - frozen
    is_inferred: bool = False
    told: tuple[str, ...] = ()
    files: tuple[tuple[str, int, int], ...] = ()


def ingest(
    source: str | Path,
    dataset: str,
    schema: str | Path | None = None,
    *,
    layout: Layout | None = None,
    table: str | None = None,
    progress: Progress | None = None,
    engine: Engine = "auto",
) -> Landed:
    """Land a source in the lake as typed Parquet, by the layout in the YAML file `schema`, or with inferred types.

    `source` is a file in any form, also packed, a folder or a pattern of files, a place in S3 or Azure, or a database
    of PostgreSQL, of which `table` is taken. Rows that do not fit are kept in the dataset `<dataset>_quarantine`, with
    file, line and reason. The originals are kept beside the data, byte for byte. The same source landed again by the
    same layout is the version that it was. `engine` says what reads it: this process ("local"), "spark", or by "auto"
    Spark when the source has more than 20 GB; what comes of it is the same.

    Raises IngestError when the source cannot be read, or none of its rows fits; then nothing is committed.
    """
    wanted = layout or (layouts.read(Path(schema)) if schema is not None else Layout())
    landed = land(str(source), dataset, wanted, progress or (lambda _: None), table, engine)
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


def land(  # noqa: PLR0917 - as `ingest` has them
    source: str,
    dataset: str,
    layout: Layout,
    progress: Progress,
    table: str | None = None,
    engine: Engine = "auto",
) -> Landed:
    """Land a source by its layout, without a receipt. `table` is the one to take of a database."""
    paths.parse_dataset(dataset)
    log = logs.open_log(dataset)
    with tempfile.TemporaryDirectory(prefix="ingest-") as scratch:
        found = sources.find(source, Path(scratch), table)
        layout = found.layout if found.layout is not None and not layout.fields else layout
        key = f"ingest {found.digest} {layout.hash}"
        if any(folders.keys_of(original.name) for original in found.originals):
            key += " folders"
        if (done := commit.find_key(log, key)) is not None:
            return _landed(done, layout, is_new=False)
        many = f", {len(found.originals)} files" if len(found.originals) > 1 else ""
        progress(f"reading {found.shown} ({found.bytes:,} bytes{many})")
        landing = _Landing(found, layout, Path(scratch), dataset, key, progress, engine)
        version = tables.put(
            landing.write, dataset, key=key, inputs=(), approve=landing.approve, sources=landing.keep_originals
        )
        return _landed(version, landing.layout, is_new=True)


class _Landing:
    """One source on its way into the lake."""

    def __init__(  # noqa: PLR0917
        self, source: Source, layout: Layout, scratch: Path, dataset: str, key: str, progress: Progress, engine: Engine
    ) -> None:
        self.source, self.layout, self.scratch, self.dataset, self.key = source, layout, scratch, dataset, key
        self.progress, self.engine, self.is_inferred = progress, engines.choose(engine, source.bytes), False
        self.kept: list[Place] = []
        self.told: list[str] = [*source.told]
        self.tally = Tally(scratch / "malformed.arrow")

    def keep_originals(self, log: Log, attempt: commit.Attempt) -> tuple[DataFile, ...]:
        """Copy the files of the source beside the data to come, and see that they are what was hashed."""
        sealed = []
        for number, original in enumerate(self.source.originals):
            path = f"{attempt.folder}/_source/{sources.keeping_name(original, number)}"
            with log.storage.writable(path) as target:
                shutil.copyfile(original.path, target)
            sealed.append(commit.seal(log.storage, log.dataset, path))
            if sealed[-1].sha256 != original.sha256:
                raise IngestError(f"{original.path}: changed while it was being landed; try again when it is complete")
            self.kept.append(self.engine.place(log.storage, path))
        return tuple(sealed)

    def write(self, location: str) -> int:
        """Write the rows of the originals that were kept, which nobody changes any more; return how many fitted."""
        found = [
            member
            for original, path in zip(self.source.originals, self.kept, strict=True)
            for member in members(original.name, path, self.layout.form)
        ]
        if not found:
            raise IngestError(f"{self.source.shown}: has nothing in it; nothing was landed")
        reader = folders.open_reader(found, self.layout, self.scratch, self.engine.look)
        self.told += reader.told
        fields, told = self.engine.write(reader, found, location, self.tally, self.progress)
        self.told += told
        self.is_inferred = not self.layout.fields
        self.layout = replace(reader.layout, fields=fields)
        self._check_fit(fields)
        self.tally.close()
        if not self.tally.rows:
            raise _hopeless(self.source, self.tally)
        if self.tally.malformed > self.tally.rows and (advice := _advice(self.tally)):
            self.told.append(f"more rows are malformed than fit{advice}")
        return self.tally.rows

    def _check_fit(self, fields: tuple[Field, ...]) -> None:
        """That the types are those that the dataset has already, before anything is published."""
        before = logs.latest(self.dataset)
        if before is None or not self.is_inferred:
            return
        types = {column.name: column.type for column in before.columns}
        schema = pa.schema([pa.field(field.name, field.arrow) for field in fields])
        for column in columns_of(schema):
            if (was := types.get(column.name, column.type)) != column.type:
                raise IngestError(
                    f"{self.source.shown}: column {column.name!r} is {column.type} by its cells, and {was} in "
                    f"{self.dataset} version {before.number}; say with --schema what it is, or land it elsewhere"
                )

    def approve(self, rows: int) -> Mapping[str, object]:
        """What the manifest says of the landing, once the rows are written and proven."""
        tally = self.tally
        lines = rows + tally.malformed
        self.progress(f"{lines:,} row{'s' * (lines != 1)} read: {rows:,} good, {tally.malformed:,} malformed")
        found: dict[str, object] = {
            "source": self.source.name,
            "sha256": self.source.digest,
            "bytes": self.source.bytes,
            "lines": lines,
            "rows": rows,
            "malformed": tally.malformed,
        }
        if len(tally.files) > 1:
            found["files"] = [
                {"name": name, "rows": counts.rows, "malformed": counts.malformed}
                for name, counts in tally.files.items()
            ]
        if tags := {field.name: field.personal for field in self.layout.fields if field.personal}:
            found["personal"] = tags
        if self.is_inferred:
            found["layout"] = layouts.render(self.layout)
        if self.told:
            found["told"] = self.told
        if tally.malformed:
            quarantined = tables.put(tally.quarantined(), f"{self.dataset}{QUARANTINE}", key=self.key, inputs=())
            found["quarantine"] = {"dataset": quarantined.dataset, "version": quarantined.number}
        return {"ingest": found}


def _hopeless(source: Source, tally: Tally) -> IngestError:
    if tally.first is None:
        return IngestError(f"{source.shown}: has no rows; nothing was landed")
    name, first = tally.first
    count = f"none of the {tally.malformed:,} rows fits"
    return IngestError(f"{name} line {first.line}: {first.reason}; {count}, nothing was landed{_advice(tally)}")


def _advice(tally: Tally) -> str:
    is_wide = tally.first is not None and "the header has" in tally.first[1].reason
    return "; when the header is not the first line, say --skip" if is_wide else ""


def _landed(version: Version, layout: Layout, *, is_new: bool) -> Landed:
    found = version.manifest.details.get("ingest")
    counts = found if isinstance(found, Mapping) else {}
    quarantine = counts.get("quarantine")
    return Landed(
        version,
        is_new,
        rows=int(counts.get("rows", version.rows or 0)),
        malformed=int(counts.get("malformed", 0)),
        quarantine=str(quarantine["dataset"]) if isinstance(quarantine, Mapping) else None,
        layout=layouts.parse(str(counts["layout"]).encode(), version.dataset) if "layout" in counts else layout,
        is_inferred="layout" in counts,
        told=tuple(map(str, counts.get("told", ()))),
        files=tuple((str(one["name"]), int(one["rows"]), int(one["malformed"])) for one in counts.get("files", ())),
    )
