"""The runtime part of commonlib in a repository becomes that of this nbpromote; what people edited is not replaced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbpromote import __version__
from nbpromote.effects import git
from nbpromote.effects.files.scaffolding import CHANGELOG, MANIFEST, manifest_of, runtime_files, runtime_hash
from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.history import remembered
from nbpromote.errors import NbpromoteError
from nbpromote.promotion import versioning
from nbpromote.promotion.plan import Decision, FileEdit
from nbpromote.promotion.version_range import VERSION_FILE, version_of


class EditedRuntime(NbpromoteError):
    """Files of the runtime that a newer one would replace are not as nbpromote wrote them."""

    def __init__(self, paths: Sequence[str], *, is_known: bool) -> None:
        self.paths = tuple(paths)
        why = f"edited since {MANIFEST} was written" if is_known else f"no {MANIFEST} tells whether people edited them"
        super().__init__(
            f"{', '.join(paths)}: {why}, and nbpromote {__version__} brings other ones; nothing was changed. Commit "
            "yours, take the new ones with --force, and make the edits again"
        )


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The edits that renew the runtime, and what becomes of commonlib's version."""

    edits: tuple[FileEdit, ...] = ()
    decisions: tuple[Decision, ...] = ()


def find_upgrade(workspace: Workspace, *, by_force: bool = False) -> Upgrade:
    """What this nbpromote would change in the repository's commonlib; what promotions put there stays.

    Args:
        by_force: replace files that were edited, too, when git has them as they are.

    Raises:
        EditedRuntime: people have edited what would be replaced.
    """
    runtime = runtime_files()
    recorded = _recorded(workspace.read_bytes(MANIFEST))
    edits, edited = [], []
    for name in sorted({*runtime, *recorded} - {CHANGELOG}):
        path, new = f"commonlib/{name}", runtime.get(name)
        held, was = workspace.read_bytes(path), recorded.get(name)
        if new is not None and held is not None and name == "__init__.py":
            new = versioning.with_version(new, version_of(held) or (0, 1, 0))
        now = runtime_hash(name, new) if new is not None else None
        there = runtime_hash(name, held) if held is not None else None
        if there == now or (there is not None and was == now):
            continue  # as it comes, or edited where nothing newer comes
        if there is not None and there != was:
            edited.append(path)
        edits.append(FileEdit(path, held, new))
    if edited and not (by_force and git.top(workspace.root) and not git.dirty_paths(workspace.root, edited)):
        raise EditedRuntime(edited, is_known=bool(recorded))
    manifest = FileEdit(MANIFEST, workspace.read_bytes(MANIFEST), manifest_of(runtime))
    if not edits:
        return Upgrade((manifest,) if manifest.before != manifest.after else ())
    return _released(tuple(edits), manifest, workspace)


def is_other(workspace: Workspace) -> bool:
    """Whether the repository's runtime is not the one of this nbpromote."""
    try:
        return any(one.path != MANIFEST for one in find_upgrade(workspace).edits)
    except EditedRuntime:
        return True


def apply(workspace: Workspace, upgrade: Upgrade) -> None:
    """Make the upgrade as one change that undo takes back."""
    if upgrade.edits:
        with remembered(workspace.root, "commonlib of a newer nbpromote", upgrade.edits):
            workspace.apply(upgrade.edits)


def _released(edits: tuple[FileEdit, ...], manifest: FileEdit, workspace: Workspace) -> Upgrade:
    """The edits with commonlib's version and changelog, which move as with a promotion."""
    modules = [one for one in edits if one.path.endswith(".py") and one.path != VERSION_FILE]
    made = versioning.release(modules, f"nbpromote {__version__}", "", workspace)
    init = next((one for one in edits if one.path == VERSION_FILE), None)
    others = [one for one in edits if one is not init]
    for one in made.edits if made else ():
        version = version_of(one.after)
        if init is not None and one.path == VERSION_FILE and version is not None:
            init = replace(init, after=versioning.with_version(init.after or b"", version))
        else:
            others.append(one)
    return Upgrade((*others, *([init] if init else []), manifest), made.decisions if made else ())


def _recorded(manifest: bytes | None) -> dict[str, str]:
    """Name -> sha256, of the files that an earlier nbpromote wrote."""
    lines = (manifest or b"").decode("utf-8", "replace").splitlines()
    pairs = (line.split("  ", 1) for line in lines if not line.startswith("#") and "  " in line)
    return {name: digest for digest, name in pairs}
