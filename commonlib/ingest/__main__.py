"""python -m commonlib.ingest SOURCE --dataset raw/purchases [--schema purchases.yml]"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.ingest import engines, landing, layout
from commonlib.ingest.errors import IngestError
from commonlib.ingest.remote import shown
from commonlib.lake import latest

_SHOWN = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Land a source and say what came of it. 0 when it is in the lake, 1 when it was refused, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m commonlib.ingest", description="Land a source in the lake as typed Parquet."
    )
    parser.add_argument(
        "source", help="a file, folder, pattern like 'sales/*.csv', s3:// or az:// place, or postgresql:// database"
    )
    parser.add_argument("--dataset", required=True, help="where to, for example raw/purchases")
    parser.add_argument("--schema", type=Path, help="YAML file with the columns of the source; else types are inferred")
    parser.add_argument("--write-schema", type=Path, metavar="FILE", help="write the inferred schema to this new file")
    parser.add_argument("--format", choices=layout.FORMS, help="what the source is, when its name does not say")
    parser.add_argument("--encoding", help="of a text that is not UTF-8, for example cp1252")
    parser.add_argument("--delimiter", help="what parts the cells, for example ';' or tab")
    parser.add_argument("--quote", help="what quotes a cell, '\"' when not said; none for none")
    parser.add_argument("--escape", help="what makes the next character plain, for example \\")
    parser.add_argument("--comment", help="what begins a line that is no row, for example '#'")
    parser.add_argument("--header", action=argparse.BooleanOptionalAction, help="whether a first line has the names")
    parser.add_argument("--skip", type=int, help="how many lines stand before the header")
    parser.add_argument("--null", action="append", metavar="WORD", help="a word that means absent, for example NA")
    parser.add_argument("--sheet", help="which sheet of a workbook")
    parser.add_argument("--records", metavar="NAME", help="which list in a JSON object holds the records")
    parser.add_argument("--table", help="which table of a database, for example public.orders")
    parser.add_argument(
        "--engine", choices=engines.ENGINES, default="auto", help="what reads it; by auto Spark, when it has over 20 GB"
    )
    options = parser.parse_args(arguments)
    try:
        if options.write_schema is not None and options.write_schema.exists():
            raise IngestError(f"{options.write_schema}: is there already; name a new file, or use it with --schema")
        landed = landing.land(
            options.source, options.dataset, _layout(options), _progress, options.table, options.engine
        )
        print(_summary(shown(options.source), landed))
        if options.write_schema is not None:
            _write_schema(landed, options.write_schema)
    except CommonlibError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        place = error.filename2 or error.filename
        said = error if place is None else f"{place}: {error.strerror}"
        print(f"error: {said}; nothing was committed", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; nothing was committed", file=sys.stderr)
        return 1
    return 0


def _layout(options: argparse.Namespace) -> layout.Layout:
    """The layout of the file, if there is one, with what the command line declares besides."""
    found = layout.read(options.schema) if options.schema is not None else layout.Layout()
    if options.format is not None:
        if options.schema is not None and options.format != found.form:
            raise IngestError(f"{options.schema} says that the format is {found.form}, and --format {options.format}")
        found = replace(found, form=options.format)
    if options.encoding is not None:
        found = replace(found, encoding=layout.parse_encoding(options.encoding, "--encoding"))
    declared: dict[object, object] = {
        key: value
        for key in ("delimiter", "escape", "comment", "header", "skip")
        if (value := getattr(options, key)) is not None
    }
    if options.null is not None:
        declared["nulls"] = options.null
    if options.quote is not None:
        declared["quote"] = None if options.quote == "none" else options.quote
    if declared:
        parsed = layout.parse_dialect(declared, "the command line")
        changes = {str(key): getattr(parsed, str(key)) for key in declared}
        found = replace(found, dialect=replace(found.dialect, **changes))
    if options.sheet is not None:
        found = replace(found, sheet=options.sheet)
    return replace(found, records=options.records) if options.records is not None else found


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _rows(number: int) -> str:
    return f"{number:,} row{'s' * (number != 1)}"


def _summary(source: str, landed: landing.Landed) -> str:
    version = landed.version
    counts = _rows(landed.rows) + (
        f", {landed.malformed:,} malformed set aside in {landed.quarantine}" if landed.malformed else ", none malformed"
    )
    if not landed.is_new:
        newest = latest(version.dataset)
        later = f" (the latest is {newest.number})" if newest and newest.number != version.number else ""
        return f"{source} is already there as {version.dataset} version {version.number}{later}: {counts}"
    lines = [f"{source} is now {version.dataset} version {version.number}: {counts}"]
    lines += [f"  {name}: {_rows(rows)}, {malformed:,} malformed" for name, rows, malformed in landed.files[:_SHOWN]]
    if landed.layout is not None and landed.is_inferred:
        fields = landed.layout.fields
        width = min(max(len(field.name) for field in fields), 40)
        lines.append("columns:")
        lines += [f"  {field.name:{width}}  {field.type}" for field in fields[:_SHOWN]]
        lines += [f"  and {len(fields) - _SHOWN:,} more"] if len(fields) > _SHOWN else []
    if landed.told:
        lines.append("worth knowing:")
        lines += [f"  {note}" for note in landed.told[:_SHOWN]]
        lines += [f"  and {len(landed.told) - _SHOWN:,} more, in the manifest"] if len(landed.told) > _SHOWN else []
    return "\n".join(lines)


def _write_schema(landed: landing.Landed, path: Path) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(layout.render(landed.layout))
    print(f"wrote {path}: the next landing with --schema {path} is checked against it")


if __name__ == "__main__":
    sys.exit(main())
