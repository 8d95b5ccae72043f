"""Versions of data told as JSON, for scripts: what the tables of `data_text` say, whole."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from commonlib.lake.bounds import Statistics
from commonlib.lake.logs import Version
from commonlib.lake.manifest import Manifest
from nbpromote.effects.running.verification import Verified
from nbpromote.publish import differences
from nbpromote.publish.differences import Change, Difference


def print_versions(versions: Iterable[Version]) -> None:
    """What `data list` lists."""
    _print([
        {
            "dataset": one.dataset,
            "version": one.number,
            "kind": one.manifest.kind,
            "rows": one.rows,
            "columns": [asdict(column) for column in one.columns],
            "files": len(one.files),
            "bytes": sum(file.bytes for file in one.files),
            "committed": one.manifest.created,
        }
        for one in versions
    ])  # fmt: skip


def print_version(version: Version, statistics: Statistics) -> None:
    """One manifest, with every file of the version and the statistics over all of them."""
    found = _manifest(replace(version.manifest, files=version.files, statistics=statistics))
    del found["carried"]
    _print(found | {"location": version.folder, "nulls": differences.nulls(version)})


def print_history(manifests: Iterable[Manifest], marks: Mapping[int, str]) -> None:
    """Each manifest without its files, the newest first, with `expired` or `held` where a version is."""
    told = []
    for manifest in manifests:
        found = _manifest(manifest)
        for name in ("files", "carried", "sources"):
            del found[name]
        told.append(found | {"mark": marks.get(manifest.version)})
    _print(told)


def print_difference(found: Difference) -> None:
    """What changed between two versions."""
    _print({
        "dataset": found.before.dataset,
        "before": found.before.number,
        "after": found.after.number,
        "rows": [found.before.rows, found.after.rows],
        "files": {"kept": found.kept, "new": found.new, "gone": found.gone},
        "same": found.is_same,
        "columns": _changes(found.columns),
        "nulls": _changes(found.nulls),
        "values": _changes(found.bounds),
        "parts": _changes(found.parts),
    })  # fmt: skip


def print_verified(found: Iterable[Verified]) -> None:
    """Each dataset, with what is wrong there."""
    _print([asdict(one) for one in found])


def _manifest(manifest: Manifest) -> dict[str, object]:
    return dict(json.loads(manifest.to_json()))


def _changes(changes: Iterable[Change]) -> list[dict[str, object]]:
    return [asdict(change) for change in changes]


def _print(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
