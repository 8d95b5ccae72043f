"""Rules compiled to Spark columns, observed inside the job that writes; uniqueness is one more job."""

from typing import TYPE_CHECKING

from commonlib.lake.schema import quote
from commonlib.validation.arrow_rules import FAILED
from commonlib.validation.rules import Rule, Rules, bound, check_columns
from commonlib.validation.verdict import Verdict, judge

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Observation


def types_of(frame: "DataFrame") -> dict[str, str]:
    """The columns' types as Spark spells them."""
    return {field.name: field.dataType.simpleString() for field in frame.schema.fields}


def check(frame: "DataFrame", rules: Rules) -> None:
    """That the rules fit the frame. Raises BadRules."""
    check_columns(rules, types_of(frame))


def broken(frame: "DataFrame", rule: Rule, rules: Rules) -> "Column":
    """True in the rows that break the rule, false in all others, never null."""
    from pyspark.sql import Window
    from pyspark.sql import functions as sf

    column = frame[quote(rule.columns[0])]
    kind = types_of(frame)[rule.columns[0]]
    if rule.kind == "not_null":
        return column.isNull()
    if rule.kind == "unique":
        keys = [frame[quote(name)] for name in rule.columns]
        found = sf.count(sf.lit(1)).over(Window.partitionBy(*keys)) > 1
        for key in keys:
            found = found & key.isNotNull()
        return found
    if rule.kind == "pattern":
        # (?d): "." stops at "\n" alone, as it does in the engine that arrow uses.
        found = ~column.rlike(rf"(?d)\A(?:{rule.text})\z")
    elif rule.kind == "choices":
        found = ~column.isin([sf.lit(bound(value, kind, rule, rules.path)) for value in rule.values])
    else:
        found = column.isNull() if kind not in ("float", "double") else sf.isnan(column)
        if rule.minimum is not None:
            found = found | (column < sf.lit(bound(rule.minimum, kind, rule, rules.path)))
        if rule.maximum is not None:
            found = found | (column > sf.lit(bound(rule.maximum, kind, rule, rules.path)))
    return sf.coalesce(found & column.isNotNull(), sf.lit(False))


def measures(frame: "DataFrame", rules: Rules) -> list["Column"]:
    """What one pass over the rows counts: all of them, and those that break each rule about one row."""
    from pyspark.sql import functions as sf

    found = [sf.count(sf.lit(1)).alias("rows")]
    return found + [sf.count_if(broken(frame, rule, rules)).alias(rule.name) for rule in rules.by_row]


def verdict(frame: "DataFrame", rules: Rules, counted: dict[str, int]) -> Verdict:
    """The verdict from one pass's counts, and one more job for each rule of uniqueness."""
    found = {rule: int(counted[rule.name]) for rule in rules.by_row}
    found |= {rule: _repeated(frame, rule) for rule in rules.unique}
    return judge(rules, int(counted["rows"]), found, types_of(frame))


def observed(frame: "DataFrame", rules: Rules) -> tuple["DataFrame", "Observation"]:
    """The same frame, that counts while some job reads it."""
    from pyspark.sql import Observation

    observation = Observation()
    return frame.observe(observation, *measures(frame, rules)), observation


def validate(frame: "DataFrame", rules: Rules) -> Verdict:
    """The verdict on a DataFrame, in one job and one for each rule of uniqueness."""
    check(frame, rules)
    row = frame.agg(*measures(frame, rules)).first()
    return verdict(frame, rules, row.asDict() if row else {})


def failing(frame: "DataFrame", rules: Rules) -> "DataFrame":
    """The rows that break a rule, with the rules that they break."""
    from pyspark.sql import functions as sf

    about_rows = (*rules.by_row, *rules.unique)
    names = [sf.when(broken(frame, rule, rules), sf.lit(rule.name)) for rule in about_rows]
    return frame.withColumn(FAILED, sf.array_compact(sf.array(*names))).filter(sf.size(FAILED) > 0)


def passing(frame: "DataFrame", rules: Rules) -> "DataFrame":
    """The rows that break no rule."""
    from pyspark.sql import functions as sf

    marked = "_broken"
    is_broken = sf.lit(False)
    for rule in (*rules.by_row, *rules.unique):
        is_broken = is_broken | broken(frame, rule, rules)
    return frame.withColumn(marked, is_broken).filter(~sf.col(marked)).drop(marked)


def _repeated(frame: "DataFrame", rule: Rule) -> int:
    """How many rows share their key with another; a key with a null is none."""
    from pyspark.sql import functions as sf

    keys = [frame[quote(name)] for name in rule.columns]
    known = frame.dropna(subset=list(rule.columns))
    row = known.groupBy(*keys).agg(sf.count(sf.lit(1)).alias("n")).filter("n > 1").agg(sf.sum("n").alias("n")).first()
    return int(row["n"] or 0) if row else 0
