"""`nbpromote warm`: what runs leave behind for the next ones, and its end."""

import typer

app = typer.Typer(
    name="warm", no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    help="Show or end what runs leave behind, for some time, so that the next ones start quickly.",
)  # fmt: skip


@app.command()
def status() -> None:
    """Show the processes that commands and kernels are forked of, and what is in use of them."""
    _show(stop=False)


@app.command()
def stop() -> None:
    """End them as soon as the runs that use them have ended; the next run begins anew."""
    _show(stop=True)


def _show(*, stop: bool) -> None:
    from nbpromote.cli.terminal import out
    from nbpromote.effects.kernels.warm import client

    found = client.status(stop=stop)
    if not found:
        out().print("nothing is warm")
    for one in found:
        if "for" not in one:
            out().print(f"process {one['pid']}: of another version")
            continue
        servers = [f"; {each['name']}, process {each['pid']}, {each['users']:,} in use" for each in one["servers"]]
        is_used = one["in_use"] or any(each["users"] for each in one["servers"])
        when = ("; ends with the last of them" if is_used else "; ends now") if stop else ""
        forks = f"process {one['pid']}: {one['forked']:,} {one['for']}s forked, {one['in_use']:,} in use"
        out().print(f"{forks}{''.join(servers)}{when}", soft_wrap=True)
