"""What was seen of a source while its rows were read: counts by file, and the malformed rows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from commonlib.ingest.pieces import Malformed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SCHEMA = pa.schema([("source", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("text", pa.string())])


def batch(source: str, malformed: tuple[Malformed, ...]) -> pa.RecordBatch:
    """Malformed rows as a quarantine has them."""
    rows = [{"source": source, "line": one.line, "reason": one.reason, "text": one.text} for one in malformed]
    return pa.RecordBatch.from_pylist(rows, SCHEMA)


@dataclass(slots=True)
class Counts:
    rows: int = 0
    malformed: int = 0


@dataclass(slots=True)
class Tally:
    """The malformed rows wait in a file, since they can be many, or `elsewhere`, as a frame of Spark."""

    spool: Path
    files: dict[str, Counts] = field(default_factory=dict)
    first: tuple[str, Malformed] | None = None
    elsewhere: "DataFrame | None" = None
    _writer: pa.RecordBatchFileWriter | None = None

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.files.values())

    @property
    def malformed(self) -> int:
        return sum(each.malformed for each in self.files.values())

    def add(self, source: str, rows: int, malformed: tuple[Malformed, ...]) -> None:
        """Count rows that fit, and keep those that do not."""
        counts = self.files.setdefault(source, Counts())
        counts.rows += rows
        if not malformed:
            return
        counts.malformed += len(malformed)
        self.first = self.first or (source, malformed[0])
        self._writer = self._writer or pa.ipc.new_file(str(self.spool), SCHEMA)
        self._writer.write_batch(batch(source, malformed))

    def count(self, source: str, rows: int, malformed: int, first: Malformed | None) -> None:
        """Count rows that were read elsewhere."""
        counts = self.files.setdefault(source, Counts())
        counts.rows, counts.malformed = counts.rows + rows, counts.malformed + malformed
        if first is not None:
            self.first = self.first or (source, first)

    def quarantined(self) -> "pa.Table | DataFrame":
        """The malformed rows."""
        return pa.ipc.open_file(str(self.spool)).read_all() if self.elsewhere is None else self.elsewhere

    def reset(self) -> None:
        """Begin again."""
        self.close()
        self.files, self.first, self._writer = {}, None, None

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
