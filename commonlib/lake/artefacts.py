"""Files that are no tables, kept as immutably: models, plots, reports."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import datetime

from commonlib import receipts
from commonlib.lake import commit, failpoints, lineage, manifest, paths, tables
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
    log = manifest.open_log(dataset)
    paths.check_file_name(name)
    attempt = commit.begin(log)
    target, key = f"{attempt.folder}/{name}", (log.storage.location(dataset), name)
    with log.storage.writable(target) as location:
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


def file(dataset: str, name: str, *, version: int | None = None, as_of: str | datetime | None = None) -> str:
    """The path of a committed file, in the version that `lake.read` would take; it is there to be read only.

    Raises NotFound, BadMoment.
    """
    log = manifest.open_log(dataset)
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
    names = ", ".join(sorted(each.slot for each in found.files)) if found.manifest.kind == "files" else "a table"
    raise NotFound(f"{dataset} version {found.number}: no file {name!r}; it holds {names}")
