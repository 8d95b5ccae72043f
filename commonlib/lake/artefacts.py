"""Files and folders that are no tables, kept as immutably: models, plots, reports."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from commonlib import receipts
from commonlib.lake import commit, failpoints, lineage, logs, paths, tables
from commonlib.lake.errors import LakeError, NotFound

# What this process committed last: the dataset's place and the file's name -> its path from the lake's root on.
_committed: dict[tuple[str, str], str] = {}


@contextlib.contextmanager
def write_file(dataset: str, name: str, *, continued: bool = False) -> Iterator[str]:
    """A path to write one file to; when the block ends well, it is committed as a new version of the dataset.

    A version keeps the other files of the one before. When the block raises, or leaves no file, nothing is committed:

        with lake.write_file("derived/model", "model.pkl") as path:
            joblib.dump(model, path)

    With `continued` the file is there already, as this process has committed it last, to be added to; the first time
    there is none. So a run that appends many times leaves what it wrote itself, and a re-run does not leave it twice.
    """
    log = logs.open_log(dataset)
    paths.check_file_name(name)
    attempt = commit.begin(log)
    target, key = f"{attempt.folder}/{name}", (log.storage.location(dataset), name)
    with commit.undone(log, attempt, BaseException), log.storage.writable(target) as location:
        if continued and key in _committed:
            shutil.copyfile(log.storage.local(_committed[key]), location)
        yield str(location)
        failpoints.reach("data-written")
        if not location.is_file():
            raise LakeError(f"{dataset}: the block ended without writing {name}; write to the path that it was given")
    sealed = commit.seal(log.storage, log.dataset, target)
    failpoints.reach("data-sealed")
    draft = commit.Draft(kind="files", files=(sealed,), replaces=name, inputs=lineage.inputs())
    version = commit.publish(log, attempt, draft)
    _committed[key] = target
    receipts.show(
        receipts.Receipt(
            "write",
            dataset=dataset,
            version=version.number,
            path=f"{tables.place(version)}/{name}",
            details={"file": name, "bytes": sealed.bytes, "sha256": sealed.sha256},
        )
    )


@contextlib.contextmanager
def write_folder(dataset: str, name: str) -> Iterator[str]:
    """A path to make one folder at; when the block ends well, all files in it are committed as a new version.

    Nothing lies at the path yet, so that what insists on a new folder works. A version keeps what else the one before
    held. When the block raises, or leaves no file, nothing is committed:

        with lake.write_folder("derived/model", "model") as path:
            model.save(path)
    """
    log = logs.open_log(dataset)
    paths.check_file_name(name)
    attempt = commit.begin(log)
    target = f"{attempt.folder}/{name}"
    with commit.undone(log, attempt, BaseException), log.storage.writable(target) as location:
        yield str(location)
        failpoints.reach("data-written")
        found = sorted(one.relative_to(location).as_posix() for one in Path(location).rglob("*") if one.is_file())
        if not found:
            what = "a file where a folder should be" if location.is_file() else f"a file in the folder {name}"
            verb = "with" if location.is_file() else "without"
            raise LakeError(f"{dataset}: the block ended {verb} {what}; write into the path that it was given")
    sealed = tuple(commit.seal(log.storage, log.dataset, f"{target}/{one}") for one in found)
    failpoints.reach("data-sealed")
    draft = commit.Draft(kind="files", files=sealed, replaces=name, inputs=lineage.inputs())
    version = commit.publish(log, attempt, draft)
    receipts.show(
        receipts.Receipt(
            "write",
            dataset=dataset,
            version=version.number,
            path=f"{tables.place(version)}/{name}",
            details={"folder": name, "files": len(sealed), "bytes": sum(one.bytes for one in sealed)},
        )
    )


def folder(dataset: str, name: str, *, version: int | None = None, as_of: str | datetime | None = None) -> str:
    """The path of a committed folder, in the version that `lake.read` would take; it is there to be read only.

    Raises NotFound, BadMoment.
    """
    log = logs.open_log(dataset)
    found = log.find(version, as_of)
    held = [each for each in found.files if each.slot.startswith(f"{name}/")] if found.manifest.kind == "files" else []
    if not held:
        raise _not_found(found, f"no folder {name!r}")
    lineage.note(found)
    place = held[0].path.removesuffix(held[0].slot) + name
    receipts.show(
        receipts.Receipt(
            "read",
            dataset=dataset,
            version=found.number,
            path=f"{dataset}/{place}",
            details={"folder": name, "files": len(held), "bytes": sum(one.bytes for one in held)},
        )
    )
    for each in held:
        first = log.storage.local(f"{dataset}/{each.path}").removesuffix(each.slot)
    return first + name


def file(dataset: str, name: str, *, version: int | None = None, as_of: str | datetime | None = None) -> str:
    """The path of a committed file, in the version that `lake.read` would take; it is there to be read only.

    Raises NotFound, BadMoment.
    """
    log = logs.open_log(dataset)
    found = log.find(version, as_of)
    for each in found.files:
        if found.manifest.kind == "files" and each.slot == name:
            lineage.note(found)
            receipts.show(
                receipts.Receipt(
                    "read",
                    dataset=dataset,
                    version=found.number,
                    path=f"{dataset}/{each.path}",
                    details={"file": name, "bytes": each.bytes, "sha256": each.sha256},
                )
            )
            return log.storage.local(f"{dataset}/{each.path}")
    if any(each.slot.startswith(f"{name}/") for each in found.files):
        raise _not_found(found, f"{name!r} is a folder, for lake.folder, and no file")
    raise _not_found(found, f"no file {name!r}")


def _not_found(version: logs.Version, what: str) -> NotFound:
    held = sorted({each.slot.partition("/")[0] for each in version.files})
    names = ", ".join(held) if version.manifest.kind == "files" else "a table"
    return NotFound(f"{version.manifest.dataset} version {version.number}: {what}; it holds {names}")
