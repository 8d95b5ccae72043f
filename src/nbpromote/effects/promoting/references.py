"""The first regression case of a promoted notebook: small inputs, and what it showed and wrote on them."""

from pathlib import Path

from commonlib.lake import logs
from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.effects.files.staging import Stage
from nbpromote.effects.running.cases import render_reference, told
from nbpromote.effects.running.recording import preparation
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.plan import FileEdit
from nbpromote.running.case import Case
from nbpromote.running.executed import Executed

MOST_BYTES = 2_000_000
MOST_SHOWN_BYTES = 8_000_000


def case_edits(draft: Draft, executed: Executed, stage: Stage, snapshot: Snapshot) -> tuple[FileEdit, ...]:
    """The case `default`: the defaults of the parameters, on the lake's data when that is small enough to keep.

    None are made when an input is larger than `MOST_BYTES`, or what it shows several times that: such a case wants data
    chosen by a person.
    """
    folder = f"tests/notebooks/{draft.options.name}"
    files: dict[str, bytes] = {}
    data: dict[str, str] = {}
    for dataset in _datasets_read(draft):
        version = logs.latest(dataset, stage.lake)
        if version is None or version.manifest.kind != "table":
            return ()
        content = _parquet(list(version.paths), stage.folder / "case.parquet")
        if len(content) > MOST_BYTES:
            return ()
        name = f"data/{dataset.replace('/', '-')}.parquet"
        files[f"{folder}/{name}"] = content
        data[dataset] = name
    text = "# Every parameter at its default, on the data that the proof was made on.\nparameters: {}\n"
    if data:
        text += "lake:\n" + "".join(f"  {dataset}: {name}\n" for dataset, name in data.items())
    files[f"{folder}/default.yml"] = text.encode()
    case = Case(stage.root / folder / "default.yml", lake=data)
    ran = told(executed, root=stage.root, lake=stage.lake)
    reference = render_reference(ran, preparation=preparation(stage.root, case))
    if len(reference) > MOST_SHOWN_BYTES:
        return ()
    files[f"{folder}/default.ipynb"] = reference
    edits = (FileEdit(path, snapshot.read_bytes(path), content) for path, content in sorted(files.items()))
    return tuple(edit for edit in edits if edit.before != edit.after)


def case_path(draft: Draft) -> str:
    """Where the first case of a production notebook is."""
    return f"tests/notebooks/{draft.options.name}/default.yml"


def _datasets_read(draft: Draft) -> list[str]:
    return sorted(
        {
            access.target
            for cell in draft.kept_code
            for access in draft.facts.of(cell.id).accesses
            if access.direction is Direction.READ and access.kind is AccessKind.DATASET and access.target
        }
    )


def _parquet(paths: list[str], target: Path) -> bytes:
    import pyarrow.dataset
    import pyarrow.parquet

    table = pyarrow.dataset.dataset(paths, format="parquet").to_table()
    pyarrow.parquet.write_table(table, target, compression="zstd", compression_level=12)
    return target.read_bytes()
