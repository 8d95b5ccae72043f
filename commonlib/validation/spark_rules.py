"""Rules compiled to Spark columns, observed inside the job that writes; keys and references are one more job each."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from commonlib.lake import spark_frames
from commonlib.lake.schema import quote
from commonlib.validation import patterns
from commonlib.validation.beside import Beside
from commonlib.validation.fitting import allowed, span
from commonlib.validation.rules import Rule, Rules
from commonlib.validation.verdict import FAILED, Counted, Verdict, free_name, judge

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Observation

_MISSING = "_refers to nothing"


def types_of(frame: "DataFrame") -> dict[str, str]:
    """The columns' types as Spark spells them."""
    return {field.name: field.dataType.simpleString() for field in frame.schema.fields}


def broken(rule: Rule, types: Mapping[str, str]) -> "Column":
    """True in the rows that break the rule, false in all others, never null.

    A rule of references is judged in a frame that `_referring` made.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as sf

    column, kind = sf.col(quote(rule.columns[0])), types[rule.columns[0]]
    if rule.kind == "not_null":
        return column.isNull()
    if rule.kind == "unique":
        keys = [sf.col(quote(name)) for name in rule.columns]
        found = sf.count(sf.lit(1)).over(Window.partitionBy(*keys)) > 1
        return reduce(lambda one, key: one & key.isNotNull(), keys, found)
    if rule.kind == "reference":
        return sf.col(quote(f"{_MISSING} {rule.name}"))
    if rule.kind == "pattern":
        found = ~column.rlike(patterns.for_spark(rule.text or ""))
    elif rule.kind == "choices":
        values = [_literal(value, kind) for value in allowed(rule.values, kind)]
        found = ~column.isin(values) if values else sf.lit(True)
    else:
        limits = span(rule.minimum, rule.maximum, kind)
        found = sf.isnan(column) if kind in ("float", "double") else sf.lit(limits.is_empty)
        if limits.low is not None:
            found = found | (column < _literal(limits.low, kind))
        if limits.high is not None:
            found = found | (column > _literal(limits.high, kind))
    return sf.coalesce(found & column.isNotNull(), sf.lit(False))


def _literal(value: object, kind: str) -> "Column":
    """The value in the column's type; days and times as text, which no zone and no calendar before 1582 can shift."""
    from pyspark.sql import functions as sf

    if isinstance(value, datetime.datetime):
        return sf.lit(value.isoformat(" ")).cast(kind)
    return sf.lit(str(value) if kind == "date" or kind.startswith("decimal") else value).cast(kind)


def measures(rules: Rules, types: Mapping[str, str]) -> list["Column"]:
    """What one pass over the rows counts: all of them, those that break each rule about one row, and measures."""
    from pyspark.sql import functions as sf

    found = [sf.count(sf.lit(1)).alias("rows")]
    # Not count_if: Spark puts a projection of its own before it and another after it, for every row to pass.
    found += [sf.count(sf.when(broken(rule, types), 1)).alias(rule.name) for rule in rules.by_row]
    return found + [_measure(rule, types[rule.columns[0]]).alias(rule.name) for rule in rules.measuring]


def _measure(rule: Rule, kind: str) -> "Column":
    from pyspark.sql import functions as sf

    column = sf.col(quote(rule.columns[0]))
    if rule.kind == "freshness":
        newest = sf.max(column)
        if kind == "date":
            return sf.unix_date(newest)
        # Text, as any other way from a time without a zone leads through the session's.
        return sf.unix_micros(newest) if kind == "timestamp" else newest.cast("string")
    if rule.measure == "nulls":
        return sf.avg(sf.when(column.isNull(), 1.0).otherwise(0.0))
    number = column.cast("double")
    return sf.avg(sf.when(~sf.isnan(number), number))


def verdict(frame: "DataFrame", rules: Rules, beside: Beside, counted: Mapping[str, Any]) -> Verdict:
    """The verdict from one pass's counts, and one more job for each rule of uniqueness and each reference."""
    types = types_of(frame)
    fresh = [rule for rule in rules.measuring if rule.kind == "freshness"]
    drift = [rule for rule in rules.measuring if rule.kind == "drift"]
    whole = Counted(
        int(counted["rows"]),
        {rule: int(counted[rule.name]) for rule in rules.by_row},
        {rule: _newest(counted[rule.name], types[rule.columns[0]]) for rule in fresh},
        {rule: None if counted[rule.name] is None else float(f"{counted[rule.name]:.9g}") for rule in drift},
    )
    return conclude(frame, rules, beside, whole)


def conclude(frame: "DataFrame", rules: Rules, beside: Beside, counted: Counted) -> Verdict:
    """The verdict from what was counted of single rows, and one more job for each key and each reference."""
    found = {rule: _repeated(frame, rule) for rule in rules.unique}
    found |= {rule: _unreferred(frame, rule, beside) for rule in rules.references}
    return judge(rules, replace(counted, broken={**counted.broken, **found}), types_of(frame), beside)


def observed(frame: "DataFrame", rules: Rules) -> tuple["DataFrame", "Observation"]:
    """The same frame, that counts while some job reads it."""
    from pyspark.sql import Observation

    observation = Observation()
    return frame.observe(observation, *measures(rules, types_of(frame))), observation


def validate(frame: "DataFrame", rules: Rules, beside: Beside) -> Verdict:
    """The verdict on a DataFrame, in one job and one for each rule of uniqueness and each reference."""
    types = types_of(frame)
    beside.check(rules, types)
    row = frame.agg(*measures(rules, types)).first()
    return verdict(frame, rules, beside, row.asDict() if row else {})


def failing(frame: "DataFrame", rules: Rules, beside: Beside) -> "DataFrame":
    """The rows that break a rule, with the rules that they break."""
    from pyspark.sql import functions as sf

    types, marked = types_of(frame), _referring(frame, rules, beside)
    names = [sf.when(broken(rule, types), sf.lit(rule.name)) for rule in rules.about_rows]
    failed = free_name(FAILED, frame.columns)
    found = marked.withColumn(failed, sf.array_compact(sf.array(*names))).filter(sf.size(failed) > 0)
    return found.select(*(quote(name) for name in (*frame.columns, failed)))


def passing(frame: "DataFrame", rules: Rules, beside: Beside) -> "DataFrame":
    """The rows that break no rule."""
    from pyspark.sql import functions as sf

    types, marked = types_of(frame), _referring(frame, rules, beside)
    is_broken, mark = sf.lit(False), free_name("_broken", frame.columns)
    for rule in rules.about_rows:
        is_broken = is_broken | broken(rule, types)
    found = marked.withColumn(mark, is_broken).filter(~sf.col(mark))
    return found.select(*(quote(name) for name in frame.columns))


def _keys(rule: Rule, beside: Beside) -> "DataFrame":
    """The keys of the other dataset, each once, under names that no frame has."""
    from pyspark.sql import functions as sf

    there = spark_frames.read(beside.references[str(rule.dataset)])
    named = (sf.col(quote(other)).alias(f"_key {number} {rule.name}") for number, other in enumerate(rule.others))
    return there.select(*named).dropna().distinct()


def _is_key(rule: Rule) -> "Column":
    from pyspark.sql import functions as sf

    same = (
        sf.col(quote(name)) == sf.col(quote(f"_key {number} {rule.name}")) for number, name in enumerate(rule.columns)
    )
    return reduce(lambda one, other: one & other, same)


def _referring(frame: "DataFrame", rules: Rules, beside: Beside) -> "DataFrame":
    """The frame with a column for each reference: whether the row's key is not there."""
    from pyspark.sql import functions as sf

    for rule in rules.references:
        keys = _keys(rule, beside)
        joined = frame.join(keys, _is_key(rule), "left")
        has_key = reduce(lambda one, name: one & sf.col(quote(name)).isNotNull(), rule.columns, sf.lit(True))
        missing = has_key & sf.col(quote(keys.columns[0])).isNull()
        frame = joined.withColumn(f"{_MISSING} {rule.name}", missing).drop(*keys.columns)
    return frame


def _unreferred(frame: "DataFrame", rule: Rule, beside: Beside) -> int:
    """How many rows refer to what is not there; a key with a null refers to nothing."""
    return frame.dropna(subset=list(rule.columns)).join(_keys(rule, beside), _is_key(rule), "left_anti").count()


def _repeated(frame: "DataFrame", rule: Rule) -> int:
    """How many rows share their key with another; a key with a null is none."""
    from pyspark.sql import functions as sf

    keys = [sf.col(quote(name)) for name in rule.columns]
    known = reduce(lambda one, key: one & key.isNotNull(), keys, sf.lit(True))
    together = "_rows of one key"
    counts = frame.filter(known).groupBy(*keys).agg(sf.count(sf.lit(1)).alias(together))
    row = counts.agg(sf.sum(sf.when(sf.col(quote(together)) > 1, sf.col(quote(together)))).alias("rows")).first()
    return int(row["rows"] or 0) if row else 0


def _newest(value: int | str | None, kind: str) -> datetime.date | None:
    """From days since 1970, microseconds since 1970 in UTC, or text; beyond the year 9999 it is as new as can be."""
    try:
        if isinstance(value, str):
            return datetime.datetime.fromisoformat(value)
        if value is None:
            return None
        if kind == "date":
            return datetime.date(1970, 1, 1) + datetime.timedelta(days=value)
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=value)
    except (OverflowError, ValueError):
        latest = datetime.datetime.max
        return latest.date() if kind == "date" else latest.replace(tzinfo=datetime.UTC if kind == "timestamp" else None)
