"""A run told in a terminal: what it will do, what became of it, where a failure is."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from nbpromote.cli.terminal import clean, out
from nbpromote.effects.running.ledger import EXECUTED, LOST, PAGE
from nbpromote.publish.page import tone
from nbpromote.publish.sizes import bytes_text, seconds_text
from nbpromote.running.executed import Failure
from nbpromote.running.parameters import Declared
from nbpromote.running.record import Record

STYLES = {"good": "bold green", "bad": "bold red", "wait": "bold yellow"}
_FRAME = re.compile(r"Cell\s+In\s?\[\d+\],\s+line\s+(\d+)")
_AROUND = 3
_LONGEST = 500  # characters of a line of an error message


def show_ran(record: Record, folder: Path) -> None:
    """How a run ended: status, data, where to look."""
    from rich.text import Text

    took = f" in {seconds_text(record.duration)}" if record.duration is not None else ""
    out().print(Text.assemble((record.status, STYLES[tone(record.status)]), f"  {record.notebook}{took}"))
    if record.status == LOST:
        out().print(Text("  the process that ran it is gone, and left no word of how far it came", style="yellow"))
    if record.is_unproven:
        out().print(Text("  an unproven draft: its first cell says what is to be done", style="yellow"))
    if record.exit_value is not None:
        out().print(f"  value     {clean(str(record.exit_value))}")
    if record.failure is not None:
        show_failure(record.failure)
    rows = [("wrote", one.dataset or one.path or "", _extent(one.version, one.rows)) for one in record.writes]
    rows += [("read", one.dataset or one.path or "", _extent(one.version, one.rows)) for one in record.reads]
    for verb, name, extent in rows:
        out().print(f"  {verb:<9} {clean(name)}{extent}")
    for name, path in (("notebook", folder / EXECUTED), ("page", folder / PAGE)):
        if path.exists():
            out().print(f"  {name:<9} {short(path)}", soft_wrap=True)


def show_failure(failure: Failure) -> None:
    """The cell, the lines around the one that failed, and the error."""
    from rich.text import Text

    where = f"cell {failure.number}" if failure.number else "before the first cell"
    message = [_cut(line) for line in clean(failure.message).strip().splitlines()] or [""]
    out().print(Text.assemble(f"  {where}: ", (f"{failure.name}: {message[0]}".rstrip(": "), "red")))
    for line in message[1:][:10]:
        out().print(f"    {line}")
    lines = clean(failure.source).splitlines()
    frames = _FRAME.findall(clean(failure.traceback))
    at = int(frames[0]) if frames else 0
    first, last = (max(1, at - _AROUND), min(len(lines), at + _AROUND)) if at else (1, min(len(lines), 2 * _AROUND))
    for number in range(first, last + 1):
        mark = ">" if number == at else " "
        out().print(Text(f"  {mark} {number:>3} | {lines[number - 1]}", style="bold" if number == at else "dim"))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line) - _LONGEST:,} more characters)"


def show_record(record: Record, folder: Path) -> None:
    """Everything that is known of a run, shortly."""
    out().print(f"run        {record.run_id}")
    show_ran(record, folder)
    out().print(f"  started   {datetime.fromisoformat(record.started):%Y-%m-%d %H:%M:%S} UTC")
    if record.peak_memory:
        out().print(f"  memory    {bytes_text(record.peak_memory)} at most")
    dirty = f", {len(record.code.dirty)} uncommitted files" if record.code.dirty else ""
    out().print(f"  code      {record.code.commit or 'no commit'}{dirty}")
    versions = ", ".join(f"{name} {version}" for name, version in record.environment.versions.items())
    out().print(f"  versions  {versions}")
    if record.environment.apart:
        out().print(f"  not as locked: {', '.join(record.environment.apart)}", soft_wrap=True)
    if record.spark:
        settings = len(record.spark.keys() - {"version", "where"})
        where = f", {record.spark['where']}" if "where" in record.spark else ""
        out().print(clean(f"  spark     {record.spark.get('version', '')}{where}, {settings} settings"))
    if record.batch:
        out().print(f"  batch     {record.batch}" + (f", try {record.attempt}" if record.attempt > 1 else ""))
    if record.rerun_of:
        out().print(f"  repeats   {record.rerun_of}")
    if record.parameters:
        out().print("  parameters")
        for name, value in record.parameters.items():
            out().print(f"    {name} = {value!r}{'' if name in record.given else '  (default)'}")
    timed = [cell for cell in record.cells if cell.seconds is not None]
    if timed:
        out().print("  slowest cells")
        for cell in sorted(timed, key=lambda cell: -(cell.seconds or 0))[:5]:
            memory = f"  {bytes_text(cell.peak_memory)}" if cell.peak_memory else ""
            place = f"cell {cell.number}" if cell.number else "parameters"
            out().print(f"    {place:<10} {seconds_text(cell.seconds or 0):>9}{memory}")


def parameter_lines(parameters: tuple[Declared, ...]) -> list[str]:
    """The parameters of a notebook as `--help` lists them."""
    if not parameters:
        return ["The notebook has no parameters: no cell is tagged 'parameters'."]
    rows = [
        (one.name, str(one.type), "required" if one.default is None else f"default {one.default}", one.help)
        for one in parameters
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "Parameters of the notebook, each given as -p name=value:",
        *("  " + "  ".join([*(row[n].ljust(widths[n]) for n in range(3)), row[3]]).rstrip() for row in rows),
    ]


def told_parameters(values: Mapping[str, object]) -> str:
    """Values as one would give them, on one line."""
    said = {name: clean(str(value)) for name, value in values.items()}
    return " ".join(f"{name}={text if text.isprintable() else repr(text)}" for name, text in said.items())


def short(path: Path) -> str:
    """The path as one would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _extent(version: int | None, rows: int | None) -> str:
    known = [] if version is None else [f" version {version}"]
    counted = "" if rows is None else f"{rows:,} row{'' if rows == 1 else 's'}"
    known += [] if rows is None else [f": {counted}" if known else f" {counted}"]
    return "".join(known)
