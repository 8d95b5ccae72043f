"""The promotions that were made here, so that they can be taken back, the last one first."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbpromote.effects import git_commits
from nbpromote.effects.files.locker import Busy, locked
from nbpromote.effects.files.workspace import ApplyFailed, Workspace
from nbpromote.promotion.plan import FileEdit

_PROMOTIONS = ".nbpromote/promotions"
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A promotion that was made: the production notebook, its edits, and where they landed.

    `branch` and `commit` are None in the work tree, `former` what the branch named before, if it was there; `on` the
    branch that was checked out.
    """

    file: Path
    target: str
    edits: tuple[FileEdit, ...]
    branch: str | None = None
    commit: str | None = None
    former: str | None = None
    on: str | None = None


@contextmanager
def remembered(
    root: Path, target: str, edits: Sequence[FileEdit], place: Mapping[str, str | None] | None = None
) -> Iterator[None]:
    """Keep this promotion, so that it can be taken back, when the block makes it.

    `place` is what `Workspace.prepare` tells. This is noted before and confirmed after: a process that is killed in
    between leaves a note that `last` can judge.
    """
    folder = root / _PROMOTIONS
    folder.mkdir(parents=True, exist_ok=True)
    with _in_turn(root):
        _settle(root)
        number = max((int(path.stem) for path in folder.glob("*.json")), default=0) + 1
        rows = [[edit.path, _text(edit.before), _text(edit.after)] for edit in edits]
        content = {"target": target, "edits": rows, **(place or {})}
        noted = folder / f"{number:06}.noted"
        try:
            noted.write_text(json.dumps(content), encoding="utf-8")
            yield
        except BaseException as error:
            _settle(root)  # Ctrl-C may come right after all is in place
            if isinstance(error, OSError):
                raise ApplyFailed(noted.relative_to(root).as_posix(), error.strerror or str(error)) from error
            raise
        noted.rename(noted.with_suffix(".json"))


@contextmanager
def _in_turn(root: Path) -> Iterator[None]:
    """Promotions land one after the other; each takes a moment only."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(root / _PROMOTIONS / "lock"))
                break
            except Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield


def last(root: Path) -> Kept | None:
    """The last promotion that was not taken back."""
    if (root / _PROMOTIONS).is_dir():
        with _in_turn(root):
            _settle(root)
    kept = sorted((root / _PROMOTIONS).glob("*.json"))
    return _read(kept[-1]) if kept else None


def _settle(root: Path) -> None:
    """Confirm what a killed process had noted when it has landed, else forget it."""
    for noted in (root / _PROMOTIONS).glob("*.noted"):
        try:
            has_landed = _has_landed(root, _read(noted))
        except (ValueError, KeyError):
            has_landed = False
        if has_landed:
            noted.rename(noted.with_suffix(".json"))
        else:
            noted.unlink(missing_ok=True)


def _has_landed(root: Path, kept: Kept) -> bool:
    if kept.branch is not None:
        return git_commits.commit_of(root, f"refs/heads/{kept.branch}") == kept.commit
    workspace = Workspace(root)
    return bool(kept.edits) and all(workspace.read_bytes(edit.path) == edit.after for edit in kept.edits)


def _read(kept: Path) -> Kept:
    content = json.loads(kept.read_text(encoding="utf-8"))
    edits = tuple(FileEdit(path, _bytes(before), _bytes(after)) for path, before, after in content["edits"])
    place = {name: content.get(name) for name in ("branch", "commit", "former", "on")}
    return Kept(kept, content["target"], edits, **place)


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
