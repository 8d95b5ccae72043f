"""Validated data becomes a version of a dataset; what breaks a rule is set aside, and stops the commit."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from commonlib import receipts
from commonlib.lake import commit, lineage, logs, partitions, spark_frames, tables
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Input
from commonlib.validation import beside as besides
from commonlib.validation import personal, rule_files, sifting
from commonlib.validation.beside import Beside
from commonlib.validation.errors import ValidationError, ValidationFailed
from commonlib.validation.rules import Rules
from commonlib.validation.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

Engine: TypeAlias = Literal["auto", "arrow", "spark"]
Progress: TypeAlias = Callable[[str], None]

QUARANTINE = "_quarantine"
# Below so many bytes of Parquet, starting Spark takes longer than judging without it.
SMALL = 256 << 20


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it. `is_new` is false when the same data had been published by the same rules before."""

    version: Version
    verdict: Mapping[str, object]
    is_new: bool
    quarantine: str | None = None
    set_aside: int = 0


def validate(
    frame: "DataFrame | pd.DataFrame | pa.Table", rules: Rules | str | Path, *, against: str | None = None
) -> Verdict:
    """How the frame does by the rules; nothing is written or stopped.

    `rules` is the path of a YAML or Python file, or rules that were read. Drift is judged by the versions of the
    dataset `against`, and holds without one. Raises BadRules.
    """
    import pyarrow as pa

    from commonlib.lake import arrow_frames
    from commonlib.validation import arrow_rules, spark_rules

    known = rules if isinstance(rules, Rules) else rule_files.read(rules)
    beside = besides.look(known, against)
    if spark_frames.is_frame(frame):
        verdict = spark_rules.validate(cast("DataFrame", frame), known, beside)
    else:
        table = frame if isinstance(frame, pa.Table) else arrow_frames.from_pandas(cast("pd.DataFrame", frame))
        verdict = arrow_rules.validate(table, known, beside)
    receipts.show(receipts.Receipt("validate", rows=verdict.rows, details=verdict.details()))
    return verdict


def publish(
    source: "str | DataFrame | pd.DataFrame | pa.Table",
    dataset: str,
    rules: Rules | str | Path,
    *,
    version: int | None = None,
    partition: Mapping[str, object] | None = None,
    key: str | None = None,
) -> Published:
    """Commit a dataset's version, or a frame, as a new version of `dataset`, if it keeps the rules.

    Rows that break a rule are kept in `<dataset>_quarantine`, with the rules that they broke. By the policy `stop`
    nothing is published then and ValidationFailed is raised; by `set_aside` the other rows are published. A broken rule
    about the whole, such as the number of rows, always stops. The verdict is part of the manifest, and shown.
    """
    known = rules if isinstance(rules, Rules) else rule_files.read(rules)
    try:
        if isinstance(source, str):
            done = publish_version(source, dataset, known, version=version, partition=partition)
        else:
            done = publish_frame(source, dataset, known, partition=partition, key=key, inputs=lineage.inputs())
    except ValidationFailed as failure:
        shown = failure.verdict.details() | ({"quarantine": failure.quarantine} if failure.quarantine else {})
        receipts.show(receipts.Receipt("validate", dataset=dataset, rows=failure.verdict.rows, details=shown))
        raise
    receipts.show(receipt(done))
    return done


def receipt(published: Published) -> receipts.Receipt:
    """What a notebook shows of it."""
    version = published.version
    results = published.verdict.get("results")
    return receipts.Receipt(
        "validate",
        dataset=version.dataset,
        version=version.number,
        path=tables.place(version),
        rows=version.manifest.rows_written,
        columns=tuple(column.name for column in version.columns),
        details={
            "verdict": "passed" if published.verdict.get("passed") else "failed",
            "rules": len(results) if isinstance(results, list) else 0,
            "set aside": published.set_aside,
            "already there": not published.is_new,
        },
    )


def publish_version(
    source: str,
    dataset: str,
    rules: Rules,
    *,
    version: int | None = None,
    partition: Mapping[str, object] | None = None,
    engine: Engine = "auto",
    progress: Progress = lambda _: None,
) -> Published:
    """Publish one version of a dataset as another dataset, without a receipt; Spark is used when it is big."""
    found = tables.open_version(source, version)
    landed = found.manifest.details.get("ingest")
    if isinstance(landed, Mapping) and isinstance(tagged := landed.get("personal"), Mapping):
        rules = replace(rules, personal={**tagged, **rules.personal})
    key = f"validate {found.dataset} {found.number} {found.manifest.attempt} {rules.hash}"
    if partition:
        key += "".join(f" {value.folder}" for value in partitions.partition_values(partition))
    if rules.personal:
        key += f" {json.dumps(rules.personal, sort_keys=True)}"
    beside = besides.look(rules, dataset)
    key += beside.mark
    inputs = (Input(found.dataset, found.number),)
    size = sum(file.bytes for file in found.files)
    is_big = engine == "spark" or (engine == "auto" and size > SMALL)
    said = f"{len(rules.rules)} rule{'s' * (len(rules.rules) != 1)}{' with Spark' * is_big}"
    progress(f"judging {found.dataset} version {found.number} by {said}")
    if done := _already(dataset, key):
        return done
    if is_big:
        big = spark_frames.read(found)
        return publish_frame(big, dataset, rules, partition=partition, key=key, inputs=inputs, beside=beside)
    from commonlib.lake import arrow_frames

    frame = arrow_frames.read(found)
    return publish_frame(frame, dataset, rules, partition=partition, key=key, inputs=inputs, beside=beside)


def publish_frame(
    frame: "DataFrame | pd.DataFrame | pa.Table",
    dataset: str,
    rules: Rules,
    *,
    partition: Mapping[str, object] | None,
    key: str | None,
    inputs: tuple[Input, ...],
    beside: Beside | None = None,
) -> Published:
    """Publish a frame, without a receipt."""
    if key is not None and (done := _already(dataset, key)):
        return done
    write = _write_spark if spark_frames.is_frame(frame) else _write_arrow
    beside = beside or besides.look(rules, dataset)
    inputs = tuple(dict.fromkeys((*inputs, *beside.inputs)))
    return write(frame, _Target(dataset, rules, partition, key, inputs, beside))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Target:
    dataset: str
    rules: Rules
    partition: Mapping[str, object] | None
    key: str | None
    inputs: tuple[Input, ...]
    beside: Beside

    @property
    def quarantine(self) -> str:
        return f"{self.dataset}{QUARANTINE}"

    def put(
        self,
        good: "DataFrame | pa.RecordBatchReader | tables.Writer",
        verdict: Callable[[], Verdict],
        bad: "Callable[[], DataFrame | pa.RecordBatchReader]",
    ) -> Published:
        """Write the good rows, with what is personal hidden; see the verdict then, and publish them or not."""

        def approve(_: int) -> Mapping[str, object]:
            found = verdict()
            aside = self._set_aside(bad()) if any(each.rows for each in found.failed) else None
            stops = self.rules.policy == "stop" or any(each.found is not None for each in found.failed)
            if not found.passed and stops:
                raise ValidationFailed(self.dataset, found, self.quarantine if aside else None)
            details: dict[str, object] = {"verdict": found.to_json()}
            if self.rules.personal:
                details["hidden"] = dict(self.rules.personal)
            if aside:
                counts = {"dataset": aside.dataset, "version": aside.number, "rows": aside.manifest.rows_written}
                details["quarantine"] = counts
            return details

        if taken := sorted({*(self.partition or {})} & self.rules.personal.keys()):
            raise ValidationError(f"{self.dataset}: column {taken[0]!r} is personal and cannot be in folders' names")
        version = tables.put(
            good,
            self.dataset,
            partition=self.partition,
            key=self.key,
            inputs=self.inputs,
            approve=approve,
        )
        return _published(version, is_new=True)

    def _set_aside(self, bad: "DataFrame | pa.RecordBatchReader") -> Version:
        return tables.put(personal.hide(bad, self.rules.personal), self.quarantine, key=self.key, inputs=self.inputs)


def _write_spark(frame: "DataFrame", target: _Target) -> Published:
    from commonlib.validation import spark_rules

    rules, beside = target.rules, target.beside
    beside.check(rules, spark_rules.types_of(frame))

    def failing() -> "DataFrame":
        return spark_rules.failing(frame, rules, beside)

    if target.partition is None and sifting.is_fit(frame, rules):
        sifted = sifting.Sifting(frame, rules, beside)
        return target.put(sifted.write, sifted.verdict, failing)
    watched, observation = spark_rules.observed(frame, rules)
    good = spark_rules.passing(watched, rules, beside) if rules.policy == "set_aside" else watched
    hidden = personal.hide(good, rules.personal)
    return target.put(hidden, lambda: spark_rules.verdict(frame, rules, beside, observation.get), failing)


def _write_arrow(frame: "pd.DataFrame | pa.Table", target: _Target) -> Published:
    import pyarrow as pa

    from commonlib.lake import arrow_frames
    from commonlib.validation import arrow_rules

    table = frame if isinstance(frame, pa.Table) else arrow_frames.from_pandas(frame)
    rules = target.rules
    judging = arrow_rules.judging(table, rules, target.beside)
    again = arrow_rules.Judging(rules, table.schema, target.beside, judging.marked)

    def judged() -> Iterator["pa.RecordBatch"]:
        for batch in table.to_batches():
            judging.masks(batch)
            yield batch

    batches = iter(table.to_batches())
    good = arrow_rules.passing(batches, judging) if rules.policy == "set_aside" else judged()
    bad_schema = arrow_rules.quarantine_schema(table.schema)
    return target.put(
        personal.hide(pa.RecordBatchReader.from_batches(table.schema, good), rules.personal),
        judging.verdict,
        lambda: pa.RecordBatchReader.from_batches(bad_schema, arrow_rules.failing(iter(table.to_batches()), again)),
    )


def _already(dataset: str, key: str) -> Published | None:
    found = commit.find_key(logs.open_log(dataset), key)
    return _published(found, is_new=False) if found else None


def _published(version: Version, *, is_new: bool) -> Published:
    details = version.manifest.details
    verdict, aside = details.get("verdict"), details.get("quarantine")
    return Published(
        version,
        verdict if isinstance(verdict, Mapping) else {},
        is_new,
        str(aside["dataset"]) if isinstance(aside, Mapping) else None,
        int(aside["rows"]) if isinstance(aside, Mapping) else 0,
    )
