"""A table of PostgreSQL as one snapshot: its client copies all rows as CSV, and their types, in one transaction."""

import csv
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from commonlib.ingest import delimited, encodings, heads
from commonlib.ingest.dialect import Dialect
from commonlib.ingest.errors import IngestError
from commonlib.ingest.fields import DEFAULT_FORMATS, ISO, Field
from commonlib.ingest.inference import Guesses
from commonlib.ingest.layout import Layout

SCHEMES = ("postgresql", "postgres")
# In the copy every cell but an absent one stands in quotes, so that absent, empty and a text of \N are three things.
DIALECT = Dialect(delimiter=",", header=True, nulls=("\\N",))
_SCRIPT = """
set client_encoding to 'UTF8';
begin isolation level repeatable read read only;
set local datestyle to 'ISO, YMD';
set local timezone to 'UTC';
set local intervalstyle to 'iso_8601';
set local extra_float_digits to 3;
set local statement_timeout to 0;
\\copy (select a.attname, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a where a.attrelid = \
{literal}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum) to 'columns.csv' with (format csv)
\\copy (select * from {name}) to 'table.csv' with (format csv, header, null '\\N', force_quote *)
commit;
"""
_TYPES = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "real": "number",
    "double precision": "number",
    "boolean": "boolean",
    "date": "date",
}


def fetch(url: str, table: str, scratch: Path) -> tuple[Path, Layout]:
    """The table as a CSV file, and the layout that its types make. Raises IngestError."""
    address, password = _without_password(url)
    name = _identifier(table)
    script = _SCRIPT.format(name=name, literal="'" + name.replace("'", "''") + "'")
    _run(address, password, script, scratch)
    with (scratch / "columns.csv").open(encoding="utf-8", newline="") as stream:
        columns = [(row[0], row[1]) for row in csv.reader(stream)]
    if not columns:
        raise IngestError(f"{table}: has no columns; there is nothing to land")
    path = scratch / "table.csv"
    kinds = _inferred(path, [column for column, kind in columns if kind == "numeric"])
    fields = tuple(_field(column, kind, kinds) for column, kind in columns)
    return path, Layout("csv", "utf-8-sig", DIALECT, fields)


def _without_password(url: str) -> tuple[str, str | None]:
    """The address as the client takes it, and the password, which must not stand among a process's arguments."""
    parts = urlsplit(url)
    if "password" in parts.query:
        raise IngestError("take the password out of the address, and give it by PGPASSWORD or a .pgpass file")
    user, at, place = parts.netloc.rpartition("@")
    name, _, secret = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}{at}{place}")), unquote(secret) or None


def _identifier(table: str) -> str:
    """`schema.table` or `table` in quotes; a part that holds a point is given in quotes."""
    parts = re.fullmatch(r'(?:("(?:[^"\n\0]|"")+"|[^".\n\0]+)\.)?("(?:[^"\n\0]|"")+"|[^".\n\0]+)', table)
    if parts is None:
        raise IngestError(f"{table!r} is not the name of a table; write schema.table")
    found = [part if part.startswith('"') else f'"{part}"' for part in parts.groups() if part is not None]
    return ".".join(found)


def _run(address: str, password: str | None, script: str, scratch: Path) -> None:
    if (psql := shutil.which("psql")) is None:
        raise IngestError("to read PostgreSQL its client psql is needed; install the package postgresql-client")
    environment = {**os.environ, "PGCONNECT_TIMEOUT": os.environ.get("PGCONNECT_TIMEOUT", "20")}
    if password is not None:
        environment["PGPASSWORD"] = password
    done = subprocess.run(
        [psql, "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", address],
        input=script.encode(),
        capture_output=True,
        cwd=scratch,
        env=environment,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        place = urlsplit(address)
        reason = (
            re.sub(r"^<stdin>:\d+: |^psql: (error: )?", "", said[0]) if said else f"psql ended with {done.returncode}"
        )
        raise IngestError(f"{place.hostname or 'PostgreSQL'}{place.path}: {reason}")


def _inferred(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The types of numbers that have no limits there, from all of them."""
    if not names:
        return {}
    guesses = Guesses.of(names)
    with path.open("rb") as stream:
        head = heads.open_text(encodings.Utf8(stream, "utf-8", path.name), path.name, DIALECT)
        for piece in delimited.pieces(head.body):
            guesses.take(piece)
    return dict(zip(names, guesses.types, strict=True))


def _field(name: str, kind: str, inferred: dict[str, str]) -> Field:
    if found := re.fullmatch(r"numeric\((\d+),(\d+)\)", kind):
        word = f"decimal({found[1]},{found[2]})" if int(found[2]) <= int(found[1]) <= 38 else "text"
    elif kind.startswith("timestamp"):
        word = "timestamp" if kind.endswith("with time zone") else "timestamp_ntz"
    else:
        word = inferred.get(name) or _TYPES.get(kind, "text")
    return Field(name, word, format=ISO if word == "timestamp" else DEFAULT_FORMATS.get(word))
