"""CSV with a header line. Its columns may stand in any order; all of them must be there, and no other."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from commonlib.ingest.errors import IngestError
from commonlib.ingest.layout import Layout
from commonlib.ingest.pieces import Malformed, Piece
from commonlib.lake.errors import duplicates

BLOCK = 8 << 20


def read(path: Path, layout: Layout) -> Iterator[Piece]:
    """The rows of the file, some megabytes at a time. Raises UnicodeDecodeError and IngestError."""
    header = _header(path, layout)
    wrong: list[pacsv.InvalidRow] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "skip"

    with pa.OSFile(str(path)) as stream:
        text = pa.transcoding_input_stream(stream, layout.encoding, "utf-8")
        try:
            reader = pacsv.open_csv(
                text,
                read_options=pacsv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=header, skip_rows=1),
                parse_options=pacsv.ParseOptions(
                    delimiter=layout.delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=set_aside,
                ),
                # An empty cell is absent; an empty text in quotes is an empty text.
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            line, record = 2, 2
            for batch in reader:
                piece, line, record = _piece(batch, wrong, line, record, layout)
                yield piece
            if wrong:
                none = tuple(pa.array([], pa.string()) for _ in layout.fields)
                malformed, _ = _take(wrong, line, record)
                yield Piece(pa.array([], pa.int64()), none, none, layout.delimiter, malformed)
        except pa.ArrowInvalid as error:
            if "Empty CSV file" not in str(error):
                raise IngestError(f"{path}: {' '.join(str(error).split())}") from error


def _header(path: Path, layout: Layout) -> list[str]:
    """The names in the first line."""
    with path.open(encoding=layout.encoding, errors="strict", newline="") as stream:
        rows = csv.reader(stream, delimiter=layout.delimiter)
        names = [name.strip() for name in next(rows, [])]
        lines = rows.line_num
    wanted = [field.name for field in layout.fields]
    if twice := duplicates(names):
        raise IngestError(
            f"{path} line 1: the header names {', '.join(map(repr, twice))} more than once; rename all but one"
        )
    missing, unknown = [n for n in wanted if n not in names], [n for n in names if n not in wanted]
    if missing or unknown or lines != 1:
        told = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
        told += [f"has {', '.join(map(repr, unknown))} more"] if unknown else []
        told += ["goes over several lines"] if lines > 1 else []
        raise IngestError(
            f"{path} line 1: the header {' and '.join(told)}; change the columns of the layout, or the file"
        )
    return names


def _piece(
    batch: pa.RecordBatch, wrong: list[pacsv.InvalidRow], line: int, record: int, layout: Layout
) -> tuple[Piece, int, int]:
    """The batch with the lines of its rows; arrow tells only the record numbers of the rows that it skipped.

    `line` and `record` are those of the first row to come; those of the first row after the batch are returned.
    """
    breaks = _breaks(batch)
    malformed: list[Malformed] = []
    if not wrong and breaks is None:
        lines = list(range(line, line + batch.num_rows))
        line, record = line + batch.num_rows, record + batch.num_rows
    else:
        lines = []
        for row in range(batch.num_rows):
            skipped, line = _take(wrong, line, record)
            malformed += skipped
            lines.append(line)
            line, record = line + 1 + (breaks[row] if breaks else 0), record + len(skipped) + 1
    numbers, cells, raw = pa.array(lines, pa.int64()), tuple(batch.column(field.name) for field in layout.fields), batch
    is_blank = pc.is_null(cells[0])
    for column in cells[1:]:
        is_blank = pc.and_(is_blank, pc.is_null(column))
    if pc.any(is_blank).as_py():
        malformed += [Malformed(found, "the line is blank", "") for found in numbers.filter(is_blank).to_pylist()]
        kept = pc.invert(is_blank)
        numbers, cells, raw = numbers.filter(kept), tuple(each.filter(kept) for each in cells), batch.filter(kept)
    return Piece(numbers, cells, tuple(raw.columns), layout.delimiter, tuple(malformed)), line, record


def _breaks(batch: pa.RecordBatch) -> list[int] | None:
    """How many line breaks stand inside each row, or None when no row has any."""
    found: list[int] | None = None
    for column in batch.columns:
        if pc.any(pc.match_substring(column, "\n")).as_py():
            counts = pc.count_substring(column, "\n").to_pylist()
            found = [one + (more or 0) for one, more in zip(found or [0] * batch.num_rows, counts, strict=True)]
    return found


def _take(wrong: list[pacsv.InvalidRow], line: int, record: int) -> tuple[tuple[Malformed, ...], int]:
    """The skipped rows that stand right here, taken off the list, and the line after them."""
    found = []
    while wrong and wrong[0].number == record:
        row = wrong.pop(0)
        reason = f"the row has {row.actual_columns} cells, the header has {row.expected_columns}"
        found.append(Malformed(line, reason, row.text))
        line, record = line + 1 + row.text.count("\n"), record + 1
    return tuple(found), line
