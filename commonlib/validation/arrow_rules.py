"""Rules over arrow data, without Spark, with the verdicts that Spark would give."""

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonlib.lake import arrow_frames
from commonlib.lake import schema as schemas
from commonlib.validation import patterns
from commonlib.validation.beside import Beside
from commonlib.validation.fitting import allowed, span
from commonlib.validation.rules import Rule, Rules
from commonlib.validation.verdict import FAILED, Counted, Verdict, free_name, judge


def types_of(schema: pa.Schema) -> dict[str, str]:
    """The columns' types as Spark spells them."""
    return {column.name: column.type for column in schemas.columns_of(schema)}


@dataclass(slots=True)
class Judging:
    """Counts the rows that break each rule while batches go by. `marked` are the rows that rules of keys mark."""

    rules: Rules
    schema: pa.Schema
    beside: Beside
    marked: Mapping[Rule, pa.BooleanArray] = field(default_factory=dict)
    types: dict[str, str] = field(init=False)
    rows: int = 0
    broken: dict[Rule, int] = field(default_factory=dict)
    newest: dict[Rule, datetime.date | None] = field(default_factory=dict)
    sums: dict[Rule, tuple[float, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.types = types_of(self.schema)
        self.beside.check(self.rules, self.types)

    def masks(self, batch: pa.RecordBatch) -> dict[Rule, pa.BooleanArray]:
        """For each rule the rows of the batch that break it; batches come in order, each once."""
        found = {rule: _mask(rule, _plain(batch.column(rule.columns[0])), self.types) for rule in self.rules.by_row}
        for rule, marks in self.marked.items():
            found[rule] = marks.slice(self.rows, batch.num_rows)
        self.rows += batch.num_rows
        for rule, mask in found.items():
            self.broken[rule] = self.broken.get(rule, 0) + (pc.sum(mask).as_py() or 0)
        for rule in self.rules.measuring:
            self._measure(rule, _plain(batch.column(rule.columns[0])))
        return found

    def counted(self) -> Counted:
        numbers = {rule: _rounded(total / count) if count else None for rule, (total, count) in self.sums.items()}
        return Counted(self.rows, self.broken, self.newest, numbers)

    def verdict(self) -> Verdict:
        return judge(self.rules, self.counted(), self.types, self.beside)

    def _measure(self, rule: Rule, column: pa.Array) -> None:
        if rule.kind == "freshness":
            there = [each for each in (self.newest.get(rule), _newest(column)) if each is not None]
            self.newest[rule] = max(there, default=None)
            return
        total, count = self.sums.get(rule, (0.0, 0))
        if rule.measure == "nulls":
            self.sums[rule] = (total + column.null_count, count + len(column))
            return
        numbers = column.cast(pa.float64(), safe=False)
        numbers = numbers.filter(pc.and_(pc.is_valid(numbers), pc.invert(pc.is_nan(numbers))))
        self.sums[rule] = (total + (pc.sum(numbers).as_py() or 0.0), count + len(numbers))


def judging(table: pa.Table, rules: Rules, beside: Beside) -> Judging:
    """What judges the table's batches, in their order."""
    found = Judging(rules, table.schema, beside)
    found.marked = _repeated(table, rules) | _referring_to_nothing(table, rules, beside)
    return found


def validate(table: pa.Table, rules: Rules, beside: Beside) -> Verdict:
    """The verdict on a table in memory."""
    found = judging(table, rules, beside)
    for batch in table.to_batches():
        found.masks(batch)
    return found.verdict()


def measured(files: Iterable[Path], rules: Rules, beside: Beside) -> Counted:
    """What the rules about the whole measure, from their columns in these Parquet files, some rows at a time."""
    kept, found = replace(rules, rules=rules.measuring), None
    names = sorted({rule.columns[0] for rule in rules.measuring})
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=names):
                found = found or Judging(kept, batch.schema, beside)
                found.masks(batch)
    return found.counted() if found else Counted(0)


def passing(batches: Iterator[pa.RecordBatch], judging: Judging) -> Iterator[pa.RecordBatch]:
    """The rows that break no rule."""
    for batch in batches:
        yield batch.filter(pc.invert(_any(judging.masks(batch), batch.num_rows)))


def failing(batches: Iterator[pa.RecordBatch], judging: Judging) -> Iterator[pa.RecordBatch]:
    """The rows that break a rule, with the rules that they break."""
    for batch in batches:
        masks = judging.masks(batch)
        is_failing = _any(masks, batch.num_rows)
        if pc.any(is_failing).as_py():
            kept = {rule: mask.filter(is_failing).to_pylist() for rule, mask in masks.items()}
            count = pc.sum(is_failing).as_py()
            names = [[rule.name for rule, marks in kept.items() if marks[row]] for row in range(count)]
            rows = batch.filter(is_failing)
            yield pa.RecordBatch.from_arrays(
                [*rows.columns, pa.array(names, pa.list_(pa.string()))], schema=quarantine_schema(batch.schema)
            )


def quarantine_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of a quarantine: those of the rows, and the rules that they break."""
    return schema.append(pa.field(free_name(FAILED, schema.names), pa.list_(pa.string()))).remove_metadata()


def _repeated(table: pa.Table, rules: Rules) -> dict[Rule, pa.BooleanArray]:
    """For each unique rule the rows whose key stands more than once; a key with a null is none."""
    found = {}
    numbers = pa.array(range(table.num_rows), pa.int64()) if rules.unique else None
    for rule in rules.unique:
        names = [f"key {number}" for number, _ in enumerate(rule.columns)]
        columns = [_key(table[name]) for name in rule.columns]
        groups = pa.table([*columns, numbers], [*names, "row"]).group_by(names).aggregate([("row", "list")])
        lists = groups["row_list"].combine_chunks()
        is_repeated = pc.greater(pc.list_value_length(lists), 1)
        for name in names:
            is_repeated = pc.and_(is_repeated, pc.is_valid(groups[name].combine_chunks()))
        rows = pc.list_flatten(lists.filter(is_repeated))
        found[rule] = pc.is_in(numbers, value_set=rows)
    return found


def _referring_to_nothing(table: pa.Table, rules: Rules, beside: Beside) -> dict[Rule, pa.BooleanArray]:
    """For each reference the rows whose key is not in the other dataset; a key with a null refers to nothing."""
    found = {}
    for rule in rules.references:
        version = beside.references[str(rule.dataset)]
        there = arrow_frames.dataset(version).to_table(columns=list(rule.others))
        pairs = [(_key(table[name]), _key(there[other])) for name, other in zip(rule.columns, rule.others, strict=True)]
        has_key = pa.array([True] * table.num_rows, pa.bool_())
        for ours, _ in pairs:
            has_key = pc.and_(has_key, _one(pc.is_valid(ours)))
        # A key of several columns becomes one number: the places of its values among those that are there.
        ours_code, there_code, size = pa.array([0] * table.num_rows), pa.array([0] * there.num_rows), 1
        for ours, others in pairs:
            values = _one(pc.unique(others)).drop_null()
            wide = values.type if ours.type == values.type else pa.int64()
            values = values.cast(wide)
            size *= max(len(values), 1)
            here, yonder = (_one(pc.index_in(each.cast(wide), value_set=values)) for each in (ours, others))
            ours_code, there_code = (
                pc.add(pc.multiply(code, len(values)), place.cast(pa.int64()))
                for code, place in ((ours_code, here), (there_code, yonder))
            )
            if size >= 2**62 or len(pairs) > 1:  # numbered anew, as small as can be
                distinct = pc.unique(there_code).drop_null()
                ours_code, there_code = (
                    pc.index_in(code, value_set=distinct).cast(pa.int64()) for code in (ours_code, there_code)
                )
                size = max(len(distinct), 1)
        known = pc.and_(pc.is_valid(ours_code), pc.is_in(ours_code, value_set=pc.unique(there_code).drop_null()))
        found[rule] = pc.and_(has_key, pc.invert(known))
    return found


def _key(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as keys: the two zeros are one, and so are all that is not a number."""
    plain = pa.chunked_array([_plain(chunk) for chunk in column.chunks], _plain(pa.array([], column.type)).type)
    if not pa.types.is_floating(plain.type):
        return plain
    return pc.if_else(pc.is_nan(plain), pa.scalar(math.nan, plain.type), pc.add(plain, pa.scalar(0.0, plain.type)))


def _plain(column: pa.Array) -> pa.Array:
    """The column in one of the types that arrow computes with."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type) and column.type.tz not in (None, "UTC"):
        return column.cast(pa.timestamp(column.type.unit, "UTC"))
    if pa.types.is_float16(column.type):
        return column.cast(pa.float32())
    return column


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _any(masks: Mapping[Rule, pa.BooleanArray], length: int) -> pa.BooleanArray:
    found = pa.array([False] * length, pa.bool_())
    for mask in masks.values():
        found = pc.or_(found, mask)
    return found


def _mask(rule: Rule, column: pa.Array, types: Mapping[str, str]) -> pa.BooleanArray:
    """The rows that break the rule, without nulls."""
    if rule.kind == "not_null":
        return pc.is_null(column)
    kind, none = types[rule.columns[0]], pa.array([False] * len(column), pa.bool_())
    is_there = pc.is_valid(column)
    if rule.kind == "pattern":
        broken = pc.invert(pc.match_substring_regex(column, patterns.for_arrow(rule.text or "")))
    elif rule.kind == "choices":
        values = pa.array(allowed(rule.values, kind), column.type)
        if pa.types.is_floating(column.type):
            column, values = (pc.add(each, pa.scalar(0.0, column.type)) for each in (column, values))
        broken = pc.invert(pc.is_in(column, value_set=values))
    else:
        limits = span(rule.minimum, rule.maximum, kind)
        broken = pc.is_nan(column) if pa.types.is_floating(column.type) else none
        if limits.is_empty:
            broken = is_there
        if limits.low is not None:
            broken = pc.or_(broken, pc.less(column, _scalar(limits.low, column.type)))
        if limits.high is not None:
            broken = pc.or_(broken, pc.greater(column, _scalar(limits.high, column.type)))
    return pc.and_(is_there, pc.fill_null(broken, False))


def _scalar(value: object, kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_timestamp(kind):
        return pa.scalar(value, pa.timestamp("us", kind.tz))
    return pa.scalar(value, kind)


def _newest(column: pa.Array) -> datetime.date | None:
    value = pc.max(column)
    if not value.is_valid:
        return None
    try:
        if pa.types.is_timestamp(column.type):
            value = pc.cast(value, pa.timestamp("us", column.type.tz), safe=False)
        found: datetime.date = value.as_py()
    except (ValueError, OverflowError):  # beyond the year 9999
        latest = datetime.datetime.max
        if pa.types.is_date(column.type):
            return latest.date()
        return latest.replace(tzinfo=datetime.UTC if column.type.tz else None)
    return found


def _rounded(number: float) -> float:
    """To the digits that do not depend on the order of adding."""
    return float(f"{number:.9g}")
