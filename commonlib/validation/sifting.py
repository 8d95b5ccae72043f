"""A write by Spark that leaves out the rows that break a rule, and knows how many these were.

To observe each rule, Spark hands the rows one by one to an operator of its own, which costs a third of the write. Here
the rules are one filter in the code that Spark makes of the whole query, and what goes into it and comes out is counted
anyway. Where that is the same, no row breaks a rule, and what must be measured is read back from the columns
that were written. Where it is not, nothing of it is published, and another job counts rule by rule.
"""

from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from commonlib.lake import spark_counts, spark_frames
from commonlib.validation import personal, spark_rules
from commonlib.validation.beside import Beside
from commonlib.validation.errors import ValidationError
from commonlib.validation.rules import Rules
from commonlib.validation.verdict import Counted, Verdict, free_name

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Observation


def is_fit(frame: "DataFrame", rules: Rules) -> bool:
    """Whether the rules can be judged so: by a Spark that keeps counts, where a broken rule stops the commit."""
    measured = {rule.columns[0] for rule in rules.measuring}
    return rules.policy == "stop" and spark_counts.are_kept(frame.sparkSession) and not measured & {*rules.personal}


@dataclass(slots=True)
class Sifting:
    """One frame on its way into the folder of an attempt."""

    frame: "DataFrame"
    rules: Rules
    beside: Beside
    _location: str = ""
    _kept: int = 0
    _seen: int = 0
    _observed: "Observation | None" = None

    def write(self, location: str) -> int:
        """Write the rows that break no rule about one row; how many they are."""

        def sift(frame: "DataFrame") -> "DataFrame":
            return personal.hide(_sound(frame, self.rules), self.rules.personal)

        self._location = location
        if (found := spark_frames.write_sifted(self.frame, location, sift)) is not None:
            self._kept, self._seen = found
            return self._kept
        watched, self._observed = spark_rules.observed(self.frame, self.rules)
        return spark_frames.write(personal.hide(watched, self.rules.personal), location)

    def verdict(self) -> Verdict:
        """The verdict on what was written, or on what was left out of it."""
        frame, rules, beside = self.frame, self.rules, self.beside
        if self._observed is not None:
            return spark_rules.verdict(frame, rules, beside, self._observed.get)
        if self._kept == self._seen:
            return spark_rules.conclude(frame, rules, beside, self._counted())
        found = spark_rules.validate(frame, rules, beside)
        if all(result.is_kept for result in found.results if result.rule in rules.by_row):
            if found.rows == self._kept:  # all are there: Spark counted what a task did twice
                return found
            raise ValidationError(
                f"{self._seen - self._kept:,} rows broke a rule, and none did when they were looked at again: the "
                "frame has other rows each time it is computed; write it to a dataset first, and publish that"
            )
        return found

    def _counted(self) -> Counted:
        """All that is measured of rows that break no rule, from the columns that were written."""
        from commonlib.validation import arrow_rules

        none = dict.fromkeys(self.rules.by_row, 0)
        if not self.rules.measuring:
            return Counted(self._seen, none, {}, {})
        found = arrow_rules.measured(sorted(Path(self._location).glob("*.parquet")), self.rules, self.beside)
        return Counted(self._seen, none, found.newest, found.numbers)


def _sound(frame: "DataFrame", rules: Rules) -> "DataFrame":
    """The rows that break no rule about one row."""
    from pyspark.sql import functions as sf

    if not rules.by_row:
        return frame
    types, columns = spark_rules.types_of(frame), frame.columns
    is_broken = reduce(lambda one, other: one | other, (spark_rules.broken(rule, types) for rule in rules.by_row))
    # A column that is not deterministic keeps Spark from computing the others twice, once below for the filter.
    here = free_name("_partition", columns)
    known = frame.withColumn(here, sf.spark_partition_id())
    return known.filter((sf.col(here) >= 0) & ~is_broken).drop(here)
