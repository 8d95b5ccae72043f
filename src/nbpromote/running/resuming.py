"""Which of many runs need not run again, and what has changed since for those that must."""

import json
from collections.abc import Iterable, Iterator, Mapping

from nbpromote.running.executed import Status
from nbpromote.running.record import Code, Environment, Record


def candidates(records: Iterable[Record], parameters: Mapping[str, object]) -> Iterator[Record]:
    """Those of these runs of the notebook that have succeeded with the same parameters, in their order."""
    wanted = key(parameters)
    for one in records:
        if one.status in {Status.DONE, Status.EXITED} and not one.rerun_of and key(one.parameters) == wanted:
            yield one


def key(parameters: Mapping[str, object]) -> str:
    """The same text for the same parameters."""
    return json.dumps(dict(parameters), sort_keys=True, default=str)


def changed(
    one: Record, code: Code, environment: Environment, latest: Mapping[str, int], digests: Mapping[str, str]
) -> tuple[str, ...]:
    """What is not as it was when this run succeeded, in words; nothing where it need not run again.

    Args:
        latest: the latest version of each dataset; a run that read an older one read something else.
        digests: `dataset@version` -> sha256, of what the run read and wrote and is there. A lake that was made anew
            counts its versions from 1 again.
    """
    return tuple(dict.fromkeys((*_code(one, code, environment), *_data(one, latest, digests))))


def _code(one: Record, code: Code, environment: Environment) -> Iterator[str]:
    if one.code.notebook != code.notebook:
        yield "the notebook changed"
    if one.code.commonlib != code.commonlib:
        yield "commonlib changed"
    if one.environment.installed != environment.installed:
        then, now = one.environment.versions, environment.versions
        named = ", ".join(
            f"{name} {then.get(name, 'none')} then, {now.get(name, 'none')} now"
            for name in dict.fromkeys((*then, *now))
            if then.get(name) != now.get(name)
        )
        yield f"installed packages changed{f' ({named})' if named else ''}"


def _data(one: Record, latest: Mapping[str, int], digests: Mapping[str, str]) -> Iterator[str]:
    for read in one.inputs:
        if read.dataset and (now := latest.get(read.dataset)) != read.version:
            yield f"{read.dataset} was read at version {read.version}, {f'has {now} now' if now else 'is gone now'}"
    for made in one.writes:
        if made.dataset and latest.get(made.dataset, 0) < (made.version or 0):
            yield f"{made.dataset} version {made.version} is gone"
    for name, digest in one.digests.items():
        if digests.get(name, digest) != digest:
            dataset, _, version = name.rpartition("@")
            yield f"{dataset} version {version} holds other data"


def datasets_of(records: Iterable[Record]) -> set[str]:
    """Every dataset that these runs read or wrote."""
    return {one.dataset for record in records for one in (*record.reads, *record.writes) if one.dataset}
