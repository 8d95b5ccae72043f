"""`nbpromote data expire`, `hold` and `release`: how long the lake keeps what."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nbpromote.errors import UsageError

if TYPE_CHECKING:
    from commonlib.lake.logs import Log
    from nbpromote.effects.files.repository import Repository
    from nbpromote.effects.running.expiry import Planned
    from nbpromote.running.retention import Policy


def expire(
    what: Annotated[
        str | None, typer.Argument(metavar="[DATASET|ZONE]", help="Only this dataset, or zone.", show_default=False)
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Versions older than this go.", show_default=False)
    ] = None,
    versions: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Those beyond the newest N go.", show_default=False)
    ] = None,
    floor: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The newest N never go.", show_default="1")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is asked for, or only shown.")] = False,
) -> None:
    """Show which versions of the lake may go, and remove them when that is confirmed.

    Options say how long what is kept, or [tool.nbpromote.retention] in pyproject.toml, by dataset or zone. What a
    recorded run read or made, or what is held, stays. Leftovers of dead writers go after eight days.
    """
    from nbpromote.cli.asking import can_ask
    from nbpromote.cli.terminal import out
    from nbpromote.effects.files import repository
    from nbpromote.effects.running import expiry

    found = repository.find(Path.cwd())
    given = days is not None or versions is not None
    if floor is not None and not given:
        raise UsageError("--floor keeps what --days or --versions would let go; give one of them")
    plans = _plans(found, what, _given(days, versions, floor) if given else None)
    shown = [plan for plan in plans if _show(plan)]
    if not shown:
        out().print(f"{found.lake_root}: nothing to remove")
        return
    if not yes:
        if not can_ask():
            out().print("Nothing was removed; --yes does it.")
            return
        if not typer.confirm("Remove this for ever?"):
            raise typer.Exit(1)
    for plan in shown:
        expiry.apply(plan)
    out().print("Removed; who, when and why stands in _retention beside each dataset's log.")


def hold(
    dataset: Annotated[str, typer.Argument(help="Which dataset, such as derived/customer_value.")],
    versions: Annotated[list[int], typer.Argument(metavar="VERSION...", help="Its versions.")],
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")],
) -> None:
    """Keep versions of a dataset until they are released, however old they get."""
    from nbpromote.effects.running import expiry

    expiry.hold(_log(dataset, versions), tuple(versions), reason)
    _tell(dataset, versions, "held")


def release(
    dataset: Annotated[str, typer.Argument(help="Which dataset, such as derived/customer_value.")],
    versions: Annotated[list[int], typer.Argument(metavar="VERSION...", help="Its versions.")],
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")],
) -> None:
    """End the hold of versions."""
    from commonlib.lake import retention
    from nbpromote.effects.running import expiry

    log = _log(dataset, versions)
    if free := sorted(set(versions) - retention.held(log.events()).keys()):
        raise UsageError(f"{dataset}: version {', '.join(map(str, free))} is not held")
    expiry.release(log, tuple(versions), reason)
    _tell(dataset, versions, "held no more")


def _given(days: int | None, versions: int | None, floor: int | None) -> "Policy":
    from nbpromote.running.retention import Policy

    return Policy(days, versions, floor or 1)


def _plans(found: "Repository", what: str | None, given: "Policy | None") -> "list[Planned]":
    from commonlib.errors import CommonlibError
    from commonlib.lake import logs, paths
    from nbpromote.effects.running import expiry
    from nbpromote.running.retention import Policy

    configured = expiry.policies(found)
    if unknown := [name for name in configured if "/" not in name and name not in paths.ZONES]:
        raise UsageError(f"[tool.nbpromote.retention] {unknown[0]}: a zone is one of {', '.join(paths.ZONES)}")
    try:
        names = [*logs.list_datasets(found.lake_root)]
        if what is not None and what not in paths.ZONES:
            logs.open_log(what, found.lake_root).find()  # says that there is none
        chosen = [name for name in names if what is None or what in (name, name.partition("/")[0])]
        referred = expiry.referred(found)
        return [
            expiry.plan(
                logs.open_log(name, found.lake_root),
                given or configured.get(name) or configured.get(name.partition("/")[0]) or Policy(),
                referred,
            )
            for name in chosen
        ]
    except CommonlibError as error:
        raise UsageError(str(error)) from error


def _show(plan: "Planned") -> bool:
    """Show what would go of one dataset; whether anything would."""
    from nbpromote.cli.data_text import count_text
    from nbpromote.cli.terminal import clean, out
    from nbpromote.publish.sizes import bytes_text

    expiry, size = plan.expiry, bytes_text(sum(size for _, size in plan.files))
    if plan.is_empty and not expiry.kept:
        return False
    out().print(f"{plan.log.dataset}  ({expiry.policy})", style="bold", highlight=False)
    if expiry.versions:
        numbers = ", ".join(map(str, expiry.versions[:10])) + (", ..." if len(expiry.versions) > 10 else "")
        out().print(
            f"  goes      {len(expiry.versions):,} of {len(expiry.versions) + expiry.live:,} versions: {numbers}"
        )
    if plan.files:
        left = "" if expiry.versions else ", left by an earlier expiry"
        out().print(f"  goes      {count_text(len(plan.files), 'file')}, {size}{left}")
    if plan.orphans:
        out().print(f"  goes      {count_text(len(plan.orphans), 'folder')} of writers that died")
    for reason, count in expiry.kept.items():
        out().print(f"  stays     {count_text(count, 'version')} {clean(reason)}")
    if plan.young:
        out().print(
            f"  stays     {count_text(plan.young, 'folder')} of writes under way, or dead for less than eight days"
        )
    return not plan.is_empty


def _log(dataset: str, versions: list[int]) -> "Log":
    """The log of a dataset that has these versions."""
    from commonlib.errors import CommonlibError
    from commonlib.lake import logs
    from nbpromote.effects.files import repository

    try:
        log = logs.open_log(dataset, repository.find(Path.cwd()).lake_root)
        for number in versions:
            log.find(number)
    except CommonlibError as error:
        raise UsageError(str(error)) from error
    return log


def _tell(dataset: str, versions: list[int], what: str) -> None:
    from nbpromote.cli.terminal import out

    out().print(f"{dataset}: version {', '.join(map(str, versions))} is {what}")
