"""Rules over arrow data, without Spark, with the verdicts that Spark would give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from commonlib.lake import schema as schemas
from commonlib.validation.rules import Rule, Rules, bound, check_columns
from commonlib.validation.verdict import Verdict, judge

FAILED = "failed_rules"


def types_of(schema: pa.Schema) -> dict[str, str]:
    """The columns' types as Spark spells them."""
    return {column.name: column.type for column in schemas.columns_of(schema)}


@dataclass(slots=True)
class Judging:
    """Counts the rows that break each rule while batches go by. `repeated` marks the rows of each unique rule."""

    rules: Rules
    schema: pa.Schema
    repeated: Mapping[Rule, pa.BooleanArray] = field(default_factory=dict)
    rows: int = 0
    broken: dict[Rule, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_columns(self.rules, types_of(self.schema))

    def masks(self, batch: pa.RecordBatch) -> dict[Rule, pa.BooleanArray]:
        """For each rule the rows of the batch that break it; batches come in order, each once."""
        types = types_of(self.schema)
        found = {rule: _mask(rule, self.rules, batch.column(rule.columns[0]), types) for rule in self.rules.by_row}
        for rule, marks in self.repeated.items():
            found[rule] = marks.slice(self.rows, batch.num_rows)
        self.rows += batch.num_rows
        for rule, mask in found.items():
            self.broken[rule] = self.broken.get(rule, 0) + (pc.sum(mask).as_py() or 0)
        return found

    def verdict(self) -> Verdict:
        return judge(self.rules, self.rows, self.broken, types_of(self.schema))


def validate(table: pa.Table, rules: Rules) -> Verdict:
    """The verdict on a table in memory."""
    judging = Judging(rules, table.schema, repeated(table, rules))
    for batch in table.to_batches():
        judging.masks(batch)
    return judging.verdict()


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
    return schema.append(pa.field(FAILED, pa.list_(pa.string()))).remove_metadata()


def repeated(table: pa.Table, rules: Rules) -> dict[Rule, pa.BooleanArray]:
    """For each unique rule the rows whose key stands more than once; a key with a null is none."""
    found = {}
    for rule in rules.unique:
        names = list(rule.columns)
        numbered = table.select(names).append_column("_row", pa.array(range(table.num_rows), pa.int64()))
        groups = numbered.group_by(names).aggregate([("_row", "list")])
        has_key = pa.array([True] * groups.num_rows)
        for name in names:
            has_key = pc.and_(has_key, pc.is_valid(groups[name].combine_chunks()))
        lists = groups["_row_list"].combine_chunks()
        is_repeated = pc.and_(has_key, pc.greater(pc.list_value_length(lists), 1))
        rows = pc.list_flatten(lists.filter(is_repeated))
        found[rule] = pc.is_in(pa.array(range(table.num_rows), pa.int64()), value_set=rows)
    return found


def _any(masks: Mapping[Rule, pa.BooleanArray], length: int) -> pa.BooleanArray:
    found = pa.array([False] * length, pa.bool_())
    for mask in masks.values():
        found = pc.or_(found, mask)
    return found


def _mask(rule: Rule, rules: Rules, column: pa.Array, types: Mapping[str, str]) -> pa.BooleanArray:
    """The rows that break the rule, without nulls."""
    if rule.kind == "not_null":
        return pc.is_null(column)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = types[rule.columns[0]]
    if rule.kind == "pattern":
        return pc.fill_null(pc.invert(pc.match_substring_regex(column, rf"\A(?:{rule.text})\z")), False)
    if rule.kind == "choices":
        allowed = pa.array([bound(value, kind, rule, rules.path) for value in rule.values])
        common = pa.decimal256(76, 38) if pa.types.is_decimal(column.type) else column.type
        return pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column.cast(common), value_set=allowed.cast(common))))
    broken = pc.is_nan(column) if pa.types.is_floating(column.type) else pa.array([False] * len(column), pa.bool_())
    if rule.minimum is not None:
        broken = pc.or_(broken, pc.less(column, pa.scalar(bound(rule.minimum, kind, rule, rules.path))))
    if rule.maximum is not None:
        broken = pc.or_(broken, pc.greater(column, pa.scalar(bound(rule.maximum, kind, rule, rules.path))))
    return pc.fill_null(broken, False)
