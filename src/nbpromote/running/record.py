"""What is known of a run, for ever: parameters, inputs, outputs, code, environment, timings, verdicts."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from commonlib import receipts
from commonlib.receipts import Receipt
from nbpromote.errors import NbpromoteError
from nbpromote.running.executed import CellRun, CellStatus, Executed, Failure
from nbpromote.running.receipts import receipts_in
from nbpromote.running.request import HERE, RunRequest

FORMAT = 1
EMPTY: Mapping[str, Any] = MappingProxyType({})


class UnreadableRecord(NbpromoteError):
    """A record that is none, or of a later nbpromote."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: is not a run's record: {reason}")


@dataclass(frozen=True, slots=True)
class Code:
    """Which code ran: the commit, the files that differed from it, and the digests (sha256) of the notebook
    and of all modules of commonlib."""

    commit: str | None = None
    branch: str | None = None
    dirty: tuple[str, ...] = ()
    notebook: str = ""
    commonlib: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where it ran: versions by package, the digest of everything installed and of the locks, the packages that were
    installed in another version than is locked, in words, and the machine."""

    versions: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    installed: str = ""
    lock: str | None = None
    apart: tuple[str, ...] = ()
    host: str = ""
    platform: str = ""
    cores: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One run. `status` is an `executed.Status`, or `running` or `lost`; `started` an ISO time in UTC; `duration` and
    cells' times are seconds, memory is bytes."""

    run_id: str
    notebook: str
    status: str
    started: str
    duration: float | None = None
    parameters: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    given: tuple[str, ...] = ()
    failure: Failure | None = None
    cells: tuple[CellRun, ...] = ()
    peak_memory: int | None = None
    receipts: tuple[Receipt, ...] = ()
    code: Code = Code()
    environment: Environment = Environment()
    is_unproven: bool = False  # the notebook was a draft, written with --draft
    batch: str = ""  # of which many runs it was one
    attempt: int = 1
    spark: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # version and settings of its session
    digests: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # "dataset@version" -> sha256 of its files
    rerun_of: str = ""
    on: str = HERE  # where its Spark was

    @property
    def reads(self) -> tuple[Receipt, ...]:
        """The versions that were read, each once."""
        return _once(receipt for receipt in self.receipts if receipt.kind == "read")

    @property
    def writes(self) -> tuple[Receipt, ...]:
        """The versions that were written."""
        return _once(receipt for receipt in self.receipts if receipt.kind in {"write", "ingest"})

    @property
    def validations(self) -> tuple[Receipt, ...]:
        return tuple(receipt for receipt in self.receipts if receipt.kind == "validate")

    @property
    def exit_value(self) -> str | int | float | bool | None:
        """What the notebook gave when it ended its run early."""
        return next((receipt.details.get("value") for receipt in self.receipts if receipt.kind == "exit"), None)

    @property
    def inputs(self) -> tuple[Receipt, ...]:
        """The versions that were read and that the run did not write itself."""
        own = {(one.dataset, one.version) for one in self.writes}
        return tuple(one for one in self.reads if (one.dataset, one.version) not in own)

    @property
    def ended(self) -> str | None:
        """When it ended, as an ISO time in UTC."""
        if self.duration is None:
            return None
        ended = datetime.fromisoformat(self.started) + timedelta(seconds=self.duration)
        return ended.isoformat(timespec="milliseconds")


def begun(request: RunRequest, started: datetime, code: Code, environment: Environment) -> Record:
    """The record of a run that has just begun."""
    return Record(
        run_id=request.run_id,
        notebook=request.notebook,
        status="running",
        started=started.isoformat(timespec="milliseconds"),
        parameters=request.whole_parameters,
        given=tuple(request.parameters),
        code=code,
        environment=environment,
        batch=request.batch,
        attempt=request.attempt,
        rerun_of=request.rerun_of,
        on=request.on,
    )


def of(request: RunRequest, executed: Executed, code: Code, environment: Environment) -> Record:
    """The record of a run that has ended."""
    return Record(
        run_id=request.run_id,
        notebook=request.notebook,
        status=executed.status.value,
        started=executed.started.isoformat(timespec="milliseconds"),
        duration=round(executed.seconds, 3),
        parameters=request.whole_parameters,
        given=tuple(request.parameters),
        failure=executed.failure,
        cells=executed.cells,
        peak_memory=executed.peak_memory,
        receipts=tuple(receipt for _, receipt in receipts_in(executed.notebook)),
        code=code,
        environment=environment,
        is_unproven=_is_unproven(executed.notebook),
        batch=request.batch,
        attempt=request.attempt,
        spark=executed.spark,
        rerun_of=request.rerun_of,
        on=request.on,
    )


def _is_unproven(notebook: Any) -> bool:
    header = notebook.metadata.get("nbpromote") if notebook is not None else None
    return isinstance(header, Mapping) and header.get("proof") == "unproven"


def to_json(record: Record) -> str:
    """The record as JSON text, the same for the same record."""
    data = {one.name: getattr(record, one.name) for one in fields(record)}
    data["parameters"] = dict(record.parameters)
    data["failure"] = asdict(record.failure) if record.failure else None
    data["cells"] = [asdict(cell) for cell in record.cells]
    data["receipts"] = [receipts.to_json(receipt) for receipt in record.receipts]
    data["code"] = asdict(record.code)
    named = {one.name: getattr(record.environment, one.name) for one in fields(record.environment)}
    data |= {"spark": dict(record.spark), "digests": dict(record.digests)}
    data["environment"] = {**named, "versions": dict(record.environment.versions)}
    return json.dumps({"format": FORMAT, **data}, indent=1, ensure_ascii=False, default=str) + "\n"


def from_json(text: str, path: str = "record.json") -> Record:
    """The record that `to_json` wrote.

    Raises:
        UnreadableRecord: it is none.
    """
    try:
        data = json.loads(text)
        if data.pop("format") > FORMAT:
            raise UnreadableRecord(path, "it was written by a later nbpromote; upgrade")
        failure = data.pop("failure")
        return Record(
            failure=Failure(**failure) if failure else None,
            cells=tuple(CellRun(**{**cell, "status": CellStatus(cell["status"])}) for cell in data.pop("cells")),
            receipts=tuple(receipts.from_json(receipt) for receipt in data.pop("receipts")),
            code=Code(**{**data["code"], "dirty": tuple(data.pop("code")["dirty"])}),
            environment=_environment(data.pop("environment")),
            given=tuple(data.pop("given")),
            **data,
        )
    except (ValueError, KeyError, TypeError, AttributeError, receipts.ReceiptError) as error:
        raise UnreadableRecord(path, f"{type(error).__name__}: {error}") from error


def _once(found: Any) -> tuple[Receipt, ...]:
    return tuple({(receipt.dataset, receipt.version, receipt.path): receipt for receipt in found}.values())


def _environment(data: dict[str, Any]) -> Environment:
    return Environment(**{**data, "apart": tuple(data.get("apart", ()))})
