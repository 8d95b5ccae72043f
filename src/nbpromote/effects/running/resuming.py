"""Looking for the earlier run that makes another one needless."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running import machine
from nbpromote.effects.running.digests import digests_of, latest_versions
from nbpromote.effects.running.ledger import Ledger
from nbpromote.running.record import Code, Environment, Record
from nbpromote.running.request import RunRequest
from nbpromote.running.resuming import candidates, changed, datasets_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """The run that makes this one needless; else what has changed since the newest that succeeded, if any did."""

    same: Record | None = None
    changes: tuple[str, ...] = ()


def find_earlier(repository: Repository, ledger: Ledger, request: RunRequest) -> Earlier:
    """What is known of runs of the same notebook with the same parameters."""
    return find_all_earlier(repository, ledger, [request])[0]


def find_all_earlier(repository: Repository, ledger: Ledger, requests: Sequence[RunRequest]) -> tuple[Earlier, ...]:
    """The same for many requests for one notebook, as things are now."""
    code = machine.code(repository, repository.root / requests[0].notebook)
    environment = machine.environment(repository)
    records = ledger.runs(notebook=requests[0].notebook)
    return tuple(_judge(repository, records, one, code, environment) for one in requests)


def _judge(
    repository: Repository, records: Sequence[Record], request: RunRequest, code: Code, environment: Environment
) -> Earlier:
    changes: tuple[str, ...] = ()
    for one in candidates(records, request.whole_parameters):
        latest = latest_versions(repository, datasets_of([one]))
        since = changed(one, code, environment, latest, digests_of(repository, one))
        if not since:
            return Earlier(one)
        changes = changes or since
    return Earlier(changes=changes)
