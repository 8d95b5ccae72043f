"""Runs as events of OpenLineage, for catalogues that collect them (https://openlineage.io/spec/2-0-2/OpenLineage.json)."""

import uuid
from typing import Any, Protocol

from nbpromote.publish.told import Told

PRODUCER = "urn:nbpromote"  # a URI, as the specification asks
_SPEC = "https://openlineage.io/spec"
_ENDS = {"done": "COMPLETE", "exited early": "COMPLETE", "interrupted": "ABORT", "lost": "ABORT", "running": "RUNNING"}
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "nbpromote/run")


class Run(Told, Protocol):
    """What is told of a run: `nbpromote.running.record.Record` fits."""

    @property
    def ended(self) -> str | None: ...


def events(run: Run, *, namespace: str) -> list[dict[str, Any]]:
    """A run's events: that it began, and, when it has, how it ended.

    Args:
        namespace: under which notebooks and datasets are known, such as the name of the repository.
    """
    found = [_event(run, "START", run.started, namespace)]
    if run.status != "running":
        found.append(_event(run, _ENDS.get(run.status, "FAIL"), run.ended or run.started, namespace))
    return found


def _event(run: Run, kind: str, moment: str, namespace: str) -> dict[str, Any]:
    is_end = kind != "START"
    return {
        "eventType": kind,
        "eventTime": moment,
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(uuid.uuid5(_IDS, run.run_id)), "facets": _run_facets(run)},
        "job": {
            "namespace": namespace,
            "name": run.notebook,
            "facets": {
                "jobType": _facet(
                    "2-0-3/JobTypeJobFacet", processingType="BATCH", integration="NBPROMOTE", jobType="NOTEBOOK"
                )
            },
        },
        "inputs": [_dataset(run, one, namespace) for one in run.inputs] if is_end else [],
        "outputs": [_dataset(run, one, namespace, is_output=True) for one in run.writes] if is_end else [],
    }


def _run_facets(run: Run) -> dict[str, Any]:
    facets = {
        "nbpromote": {
            "_producer": PRODUCER,
            "_schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunFacet",
            "run": run.run_id,
            "parameters": {name: str(value) for name, value in run.parameters.items()},
            "commit": run.code.commit,
            "uncommitted": list(run.code.dirty),
            "notebookSha256": run.code.notebook,
            "environmentSha256": run.environment.installed,
        }
    }
    if spark := run.environment.versions.get("pyspark"):
        facets["processing_engine"] = _facet("1-1-1/ProcessingEngineRunFacet", version=spark, name="spark")
    if run.failure is not None:
        facets["errorMessage"] = _facet(
            "1-0-1/ErrorMessageRunFacet",
            message=str(run.failure),
            programmingLanguage="python",
            stackTrace=run.failure.trace,
        )
    return facets


def _dataset(run: Run, receipt: Any, namespace: str, *, is_output: bool = False) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if receipt.version is not None:
        facets["version"] = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=str(receipt.version))
    if receipt.columns:
        facets["schema"] = _facet("1-1-1/SchemaDatasetFacet", fields=[{"name": name} for name in receipt.columns])
    if digest := run.digests.get(f"{receipt.dataset}@{receipt.version}"):
        facets["nbpromote"] = _facet("", sha256=digest)
    found: dict[str, Any] = {"namespace": namespace, "name": receipt.dataset or receipt.path or "?", "facets": facets}
    if is_output and receipt.rows is not None:
        statistics = _facet("1-0-2/OutputStatisticsOutputDatasetFacet", rowCount=receipt.rows)
        found["outputFacets"] = {"outputStatistics": statistics}
    return found


def _facet(path: str, **values: Any) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    where = (
        f"{_SPEC}/facets/{path}.json#/$defs/{name}" if path else f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetFacet"
    )
    return {"_producer": PRODUCER, "_schemaURL": where, **values}
