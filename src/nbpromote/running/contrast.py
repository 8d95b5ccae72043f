"""Two runs side by side: what they were given, ran on, and gave, wherever that is not the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonlib.receipts import Receipt
from nbpromote.running.record import Record
from nbpromote.running.reference import Masking, match, outputs, own_code_cells, settled

FLOAT_NOISE = 1e-9
_LONGEST = 160
_SLOWER, _LEAST_SECONDS = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: of which kind, which one, and how it was in the first run and is in the second."""

    kind: str
    name: str
    before: str
    after: str


def changes(a: Record, b: Record) -> tuple[Change, ...]:
    """What differs between two records, causes before effects; durations only where they differ much."""
    found = [
        *_of_values("parameter", a.parameters, b.parameters),
        *_of_values("code", _code(a), _code(b)),
        *_of_values("version", a.environment.versions, b.environment.versions),
        *_of_values("environment", _environment(a), _environment(b)),
        *_of_values("spark", a.spark, b.spark),
        *_of_data("read", (a, a.inputs), (b, b.inputs)),
        *_of_data("wrote", (a, a.writes), (b, b.writes)),
        *_of_values("validated", _verdicts(a), _verdicts(b)),
        *_of_values("result", _ends(a), _ends(b)),
    ]
    slow, fast = (a.duration or 0.0), (b.duration or 0.0)
    if max(slow, fast) > _SLOWER * min(slow, fast) and abs(slow - fast) > _LEAST_SECONDS:
        found.append(Change("took", "seconds", f"{slow:.1f}", f"{fast:.1f}"))
    return tuple(found)


def changed_cells(a: Any, b: Any, maskings: tuple[Masking, Masking]) -> tuple[Change, ...]:
    """The cells of two executed notebooks (nbformat's nodes) that differ in code or, noise apart, in what they show."""
    if a is None or b is None:
        return ()
    mine, theirs = own_code_cells(b), own_code_cells(a)
    found = []
    for number, (cell, other) in enumerate(zip(mine, match(mine, theirs), strict=True), 1):
        name = f"code cell {number}"
        if other is None:
            found.append(Change("cell", name, "is not there", _short(cell.source)))
            continue
        if cell.source != other.source:
            found.append(Change("cell", name, _short(other.source), _short(cell.source)))
        before, after = outputs(other, maskings[0]), outputs(cell, maskings[1])
        if settled(before, after, tolerance=FLOAT_NOISE) != before:
            found.append(Change("shown", name, *_first_difference(before, after)))
    kept = {cell.get("id") for cell in mine}
    found += [
        Change("cell", f"code cell {number}", _short(cell.source), "is not there")
        for number, cell in enumerate(theirs, 1)
        if cell.get("id") not in kept and len(mine) != len(theirs)
    ]
    return tuple(found)


def changed_data(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Change, ...]:
    """What differs between two summaries of a dataset's version."""
    if before is None or after is None:
        return () if before == after else (Change("wrote", name, _there(before), _there(after)),)
    if settled(before, after, tolerance=FLOAT_NOISE) == before:
        return ()
    rows = _of_values("wrote", {f"{name} rows": before.get("rows")}, {f"{name} rows": after.get("rows")})
    columns, others = before.get("columns", {}), after.get("columns", {})
    differing = [
        one
        for one in sorted({*columns, *others})
        if settled(columns.get(one), others.get(one), tolerance=FLOAT_NOISE) != columns.get(one)
    ]
    return (
        *rows,
        *(
            Change("wrote", f"{name} column {one}", *_column_sides(columns.get(one), others.get(one)))
            for one in differing
        ),
    )


def _column_sides(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str, str]:
    """What differs of a column's summary; the digest of its values only where nothing else does."""
    both = {**(before or {}), **(after or {})}
    differing = [one for one in both if (before or {}).get(one) != (after or {}).get(one)]
    named = [one for one in differing if one != "digest"] or differing
    before_said, after_said = (
        "no such column" if side is None else _short(", ".join(f"{one} {side.get(one)}" for one in named))
        for side in (before, after)
    )
    return before_said, after_said


def _of_values(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    return [
        Change(kind, name, _text(before, name), _text(after, name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _of_data(kind: str, *sides: tuple[Record, Sequence[Receipt]]) -> list[Change]:
    """Data that is not the same: another version that holds the very same files is."""
    contents = [
        {_name(one): (one.rows, record.digests.get(f"{one.dataset}@{one.version}", one.version)) for one in receipts}
        for record, receipts in sides
    ]
    found = _of_values(kind, *(_data(record, receipts) for record, receipts in sides))
    return [one for one in found if contents[0].get(one.name, "") != contents[1].get(one.name, "")]


def _text(values: Mapping[str, object], name: str) -> str:
    return _short(str(values[name])) if values.get(name) not in (None, "") else "nothing"


def _code(record: Record) -> dict[str, object]:
    code = record.code
    dirty = ", ".join(code.dirty[:5]) + (", ..." if len(code.dirty) > 5 else "")
    digests = {"notebook": code.notebook[:12], "commonlib": code.commonlib[:12]}
    return {"path": record.notebook, **digests, "commit": (code.commit or "")[:12], "uncommitted": dirty}


def _environment(record: Record) -> dict[str, object]:
    where = record.environment
    return {
        "installed": where.installed[:12],
        "lock": (where.lock or "")[:12],
        "host": where.host,
        "platform": where.platform,
        "cores": where.cores,
    }


def _data(record: Record, receipts: Sequence[Receipt]) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in receipts:
        name = _name(one)
        rows = "" if one.rows is None else f", {one.rows:,} rows"
        digest = record.digests.get(f"{one.dataset}@{one.version}", "")
        found[name] = f"version {one.version}{rows}" + (f", sha256 {digest[:12]}" if digest else "")
    return found


def _name(one: Receipt) -> str:
    return one.dataset or one.path or "?"


def _verdicts(record: Record) -> dict[str, object]:
    return {one.dataset or "": str(one) for one in record.validations}


def _ends(record: Record) -> dict[str, object]:
    return {"status": record.status, "value": record.exit_value, "failure": str(record.failure or "")}


def _first_difference(before: Any, after: Any) -> tuple[str, str]:
    """The first line in which what a cell shows differs."""
    old, new = (_lines(one) for one in (before, after))
    for mine, other in zip(old, new, strict=False):
        if mine != other:
            return _short(mine), _short(other)
    longer = old if len(old) > len(new) else new
    rest = _short(longer[min(len(old), len(new))]) if len(old) != len(new) else "something else"
    return (rest, "nothing") if longer is old else ("nothing", rest)


def _lines(shown: Sequence[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for one in shown:
        data = one.get("data", {})
        text = one.get("text") or one.get("evalue") or data.get("text/plain") or str(sorted(data))
        lines += str(text).splitlines()
        lines += [f"{mime} of {len(str(value)):,} characters" for mime, value in data.items() if mime != "text/plain"]
    return lines


def _there(summary: object) -> str:
    return "is not there" if summary is None else "is there"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
