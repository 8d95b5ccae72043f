"""Versions of data told in a terminal: one, many, two compared, and whether they are whole."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from commonlib.lake import partitions
from commonlib.lake.bounds import Statistics
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Manifest
from nbpromote.cli.terminal import clean, out
from nbpromote.effects.running.verification import Verified
from nbpromote.publish import differences
from nbpromote.publish.differences import Change, Difference
from nbpromote.publish.sizes import bytes_text

_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
_FILES = 12
_PARTS = 20
_MARKS = {"+": "green", "-": "red", "~": "yellow"}


def show_versions(versions: Iterable[Version]) -> None:
    """A line for each."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("dataset", overflow="fold")
    for name in ("version", "rows", "columns", "size"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    table.add_column("committed", no_wrap=True, min_width=19)
    for one in versions:
        rows = f"{one.rows:,}" if one.rows is not None else count_text(len(one.files), "file")
        columns = str(len(one.columns)) if one.columns else ""
        cells = (clean(one.dataset), str(one.number), rows, columns, bytes_text(_size(one)), time_text(one.manifest))
        table.add_row(*cells)
    out().print(table)


def show_version(version: Version, statistics: Statistics, *, is_latest: bool) -> None:
    """Everything that the manifest says: what the version holds, and how it came to be."""
    manifest = version.manifest
    latest = ", the latest" if is_latest else ""
    out().print(Text.assemble((version.dataset, "bold"), f"  version {version.number}{latest}"))
    _line("committed", time_text(manifest))
    if version.rows is not None:
        written = f", {manifest.rows_written:,} of them by this write" if manifest.rows_written != version.rows else ""
        _line("rows", f"{version.rows:,}{written}")
    _line("size", f"{bytes_text(_size(version))} in {count_text(len(version.files), 'file')}")
    if manifest.partition_columns:
        count = len({file.slot.rpartition("/")[0] for file in version.files})
        names = ", ".join(column.name for column in manifest.partition_columns)
        _line("partitions", f"{count:,} by {names}")
    for label, text in _origin(manifest):
        _line(label, text)
    counted = differences.nulls(version)
    if version.columns:
        out().print("  columns")
        _print_rows(
            (column.name, column.type, _nulls(column.name, counted), _bounds(column.name, statistics))
            for column in version.columns
        )
    for name, value in manifest.details.items():
        _line(name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    out().print("  files")
    rows = [
        (file.path, bytes_text(file.bytes), "" if file.rows is None else count_text(file.rows, "row"), file.sha256[:12])
        for file in (*version.files, *manifest.sources)
    ]
    _print_rows(rows[:_FILES])
    if len(rows) > _FILES:
        out().print(f"    and {len(rows) - _FILES:,} more")


def show_history(manifests: Sequence[Manifest], marks: Mapping[int, str], *, older: int) -> None:
    """How a dataset came to be, the newest first; `manifests` are in that order, `older` ones are not shown.

    `marks` say which versions expired or are held.
    """
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("version", "committed", "rows", "wrote"):
        table.add_column(name, justify="left" if name == "committed" else "right", no_wrap=True)
    for name in ("what", "from", "by"):
        table.add_column(name, overflow="fold")
    for manifest in manifests:
        rows = "" if manifest.rows is None else f"{manifest.rows:,}"
        wrote = bytes_text(sum(file.bytes for file in manifest.files))
        read = ", ".join(f"{one.dataset} {one.version}" for one in manifest.inputs)
        what = ", ".join(filter(None, (_what(manifest), marks.get(manifest.version))))
        cells = (str(manifest.version), time_text(manifest), rows, wrote, what, read, _by(manifest))
        table.add_row(*(Text(clean(cell)) for cell in cells))
    out().print(table)
    if older:
        out().print(f"and {count_text(older, 'older version')}; show more with --limit")


def show_difference(found: Difference) -> None:
    """What changed from one version to another: schema, rows, nulls, partitions, files."""
    before, after = found.before, found.after
    out().print(Text.assemble((before.dataset, "bold"), f"  version {before.number} → {after.number}"))
    _line("committed", f"{time_text(before.manifest)} → {time_text(after.manifest)}")
    if before.rows is not None and after.rows is not None:
        changed = f" → {after.rows:,} ({after.rows - before.rows:+,})" if after.rows != before.rows else ", as before"
        _line("rows", f"{before.rows:,}{changed}")
    _line("size", f"{bytes_text(_size(before))} → {bytes_text(_size(after))}")
    _line("files", f"{found.kept:,} kept, {found.new:,} new, {found.gone:,} gone")
    if found.is_same:
        out().print("  the same columns, and the same content byte for byte")
        return
    _show_changes("columns", found.columns, unit="")
    _show_changes("nulls", found.nulls, unit="")
    _show_changes("values", found.bounds, unit="")
    if found.parts or found.same_parts:
        is_table = after.manifest.kind == "table"
        label = "partitions" if is_table else "files by name"
        _show_changes(f"{label}, {found.same_parts:,} the same", found.parts, unit="rows" if is_table else "bytes")


def show_verified(found: Verified) -> None:
    """One dataset: what was checked, and each thing that is wrong."""
    told = f"{count_text(found.versions, 'version')}, {count_text(found.files, 'file')}, {bytes_text(found.bytes)}"
    verdict = ("damaged", "bold red") if found.damage else ("whole", "bold green")
    out().print(Text.assemble(verdict, f"  {clean(found.dataset)}  {told}"))
    for one in found.damage:
        needed = f"; in version {_ranges(one.versions)}" if one.versions else ""
        line = Text.assemble("  ", (f"{one.kind:<10}", "red"), f" {clean(one.path)}: {clean(one.reason)}{needed}")
        out().print(line, soft_wrap=True)
    if found.unfinished:
        count = count_text(len(found.unfinished), "folder")
        out().print(f"  {count} of writes that are under way or died, which no reader sees", style="dim")


def time_text(manifest: Manifest) -> str:
    """When it was committed: `2026-11-22 09:15:04`, in UTC."""
    return clean(manifest.created.replace("T", " ")[:19])


def _origin(manifest: Manifest) -> Iterable[tuple[str, str]]:
    if (what := _what(manifest)) != "everything":
        yield "wrote", what
    if manifest.inputs:
        yield "read", ", ".join(f"{one.dataset} version {one.version}" for one in manifest.inputs)
    if manifest.key:
        yield "key", manifest.key
    for name, value in manifest.run.items():
        if value is not None:  # a run outside of git has no commit
            yield "run" if name == "id" else name, str(value)


def _what(manifest: Manifest) -> str:
    if manifest.partition:
        return ", ".join(f"{name}={partitions.shown(value)}" for name, value in manifest.partition.items())
    return manifest.replaces or "everything"


def _by(manifest: Manifest) -> str:
    """The run, or else the idempotency key, in which hashes are cut; `data show` has them whole."""
    return str(manifest.run.get("id") or _HASH.sub(r"\1", manifest.key or ""))


def _nulls(column: str, counted: Mapping[str, int] | None) -> str:
    count = (counted or {}).get(column, 0)
    return f"{count:,} null" if count else ""


def _bounds(column: str, statistics: Statistics) -> str:
    return differences.bounds_text(statistics[column]) if column in statistics else ""


def _show_changes(label: str, changes: tuple[Change, ...], *, unit: str) -> None:
    if not changes:
        out().print(f"  {label}", style="dim") if unit else None
        return
    out().print(f"  {label}")
    _print_rows(
        (change.mark, change.name, " → ".join(_value(value) for value in _ends(change)), unit)
        for change in changes[:_PARTS]
    )
    if len(changes) > _PARTS:
        out().print(f"    and {len(changes) - _PARTS:,} more")


def _ends(change: Change) -> list[str | int]:
    return [value for value in (change.before, change.after) if value is not None]


def _value(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _print_rows(rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        cells = (Text(clean(cell), _MARKS.get(cell, "") if not number else "") for number, cell in enumerate(row))
        table.add_row("   ", *cells)
    out().print(table)


def _line(label: str, text: str) -> None:
    out().print(f"  {clean(label):<10} {clean(text)}", soft_wrap=True)


def _size(version: Version) -> int:
    return sum(file.bytes for file in version.files)


def count_text(number: int, what: str) -> str:
    """`1 file`, `1,200 files`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _ranges(numbers: Sequence[int]) -> str:
    """`3`, `3 to 9`, `3, 5 and 4 more`."""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    shown = ", ".join(map(str, numbers[:3]))
    return f"{shown} and {len(numbers) - 3} more" if len(numbers) > 3 else shown
