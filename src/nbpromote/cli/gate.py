"""`nbpromote gate`: hold commonlib's version and changelog against what changed since its last release."""

from pathlib import Path
from typing import Annotated

import typer


def gate(
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="COMMIT", help="The release; by default the newest tag commonlib-X.Y.Z."),
    ] = None,
) -> None:
    """Say whether commonlib's version and changelog tell what changed for its callers since the last release.

    A public name that is gone or called otherwise wants a new major version, a new one a minor version, other code a
    patch. Before the first release only version and changelog are held against each other.
    """
    from nbpromote.cli.terminal import err, out
    from nbpromote.effects.checking import releases
    from nbpromote.effects.files import repository as repositories
    from nbpromote.promotion.gate import judge
    from nbpromote.promotion.version_range import text_of

    root = repositories.find(Path.cwd()).root
    name = against or releases.last_release(root)
    found = judge(releases.library_at(root, name) if name else None, releases.library_now(root))
    for change in sorted(found.changes, key=lambda one: (-one.size, one.name)):
        out().print(f"{change.size.name.lower():6} {change.name} {change.what}", soft_wrap=True)
    for fault in found.faults:
        err().print(fault, soft_wrap=True)
    if found.faults:
        raise typer.Exit(1)
    since = f"since {name}" if name else "before the first release (no tag commonlib-X.Y.Z)"
    out().print(f"commonlib {text_of(found.version or (0, 0, 0))}: version and changelog agree, {since}")
