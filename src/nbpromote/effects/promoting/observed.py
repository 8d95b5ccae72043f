"""What the two notebooks of a proof left behind, read back: the observer's folder, and the stage's lake."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.ipc
import pyarrow.parquet

from commonlib.lake import logs, partitions
from nbpromote.proof.claims import with_slot
from nbpromote.proof.evidence import Evidence, Value, Written


def gather(folder: Path, shown: Mapping[str, Any]) -> Evidence:
    """The evidence that the observer left in this folder, with what the cells showed."""
    found = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    values = {(one["cell"], one["name"]): value_of(folder, one["value"]) for one in found["values"]}
    written = {
        one["target"]: replace(_written_at(one["target"], folder / one.get("frame", one["path"])), cell=one["cell"])
        for one in found["writes"]
    }
    return Evidence(values, shown, written, found["calls"], tuple(found["notes"]), found["packages"], found["spark"])


def value_of(folder: Path, found: Mapping[str, Any]) -> Value:
    """A value as the observer described it."""
    table = None
    if found["kind"] in {"frame", "lazy frame"} and "file" in found:
        with pyarrow.ipc.open_file(folder / found["file"]) as file:
            table = file.read_all()
    elif found["kind"] == "array":
        table = _array_table(numpy.load(folder / found["file"], allow_pickle=False))
    text = found.get("value", found.get("schema", found.get("dtype", "")))
    return Value(
        kind=found["kind"],
        type=found["type"],
        text=str(text),
        table=table,
        columns=tuple(found.get("columns", ())),
        dtypes=tuple(found.get("dtypes", ())),
        items=tuple((key, value_of(folder, item)) for key, item in found.get("items", ())),
        said=value_of(folder, found["predictions"]) if "predictions" in found else None,
        why=str(found.get("why", "")),
    )


def _array_table(array: Any) -> pyarrow.Table:
    flat = array.reshape(-1)
    shape = "x".join(map(str, array.shape)) or "scalar"
    kind = flat.dtype.kind
    if kind == "c":
        return pyarrow.table({f"values {shape}, real": flat.real, f"values {shape}, imaginary": flat.imag})
    if kind == "V" and flat.dtype.names and all(flat.dtype[one].kind in "biufUSM" for one in flat.dtype.names):
        return pyarrow.table({f"values {shape}, {one}": pyarrow.array(flat[one]) for one in flat.dtype.names})
    if kind == "V":
        flat = numpy.array([repr(one) for one in flat.tolist()], dtype=str)
    elif kind in "mM" and numpy.datetime_data(flat.dtype)[0] not in _ARROW_UNITS:
        shape, flat = f"{shape} {flat.dtype}", flat.astype("int64")
    elif flat.dtype == numpy.longdouble:
        flat = flat.astype("float64")
    return pyarrow.table({f"values {shape}": pyarrow.array(flat)})


_ARROW_UNITS = frozenset({"s", "ms", "us", "ns"})


def _written_at(target: str, path: Path) -> Written:
    """What lies at a place that the ad-hoc notebook wrote to."""
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file() and not _is_hidden(one))
        if files and all(one.suffix in {".parquet", ".orc"} for one in files):
            return Written(target, _table(path, files))
        return Written(target, None, {one.relative_to(path.parent).as_posix(): one.read_bytes() for one in files})
    if not path.is_file():
        return Written(target)
    if path.suffix in _TABLES:
        from pyarrow.dataset import dataset  # it loads pandas: proving has it loaded meanwhile

        try:
            table = dataset(str(path), format=_TABLES[path.suffix]).to_table()
            return Written(target, as_in_the_lake(table), {path.name: path.read_bytes()})
        except pyarrow.ArrowInvalid:
            pass  # it is called so, and is none
    return Written(target, None, {path.name: path.read_bytes()})


def _is_hidden(path: Path) -> bool:
    """Whether Spark and Hadoop pass the file over: `_SUCCESS`, checksums."""
    return path.name.startswith((".", "_"))


def as_in_the_lake(table: pyarrow.Table) -> pyarrow.Table:
    """A table that pandas wrote with its index, as the lake keeps one: what has a name comes first, row numbers go."""
    index = [name for name in (table.schema.pandas_metadata or {}).get("index_columns", ()) if isinstance(name, str)]
    unnamed = [name for name in index if name.startswith("__index_level_")]
    if not unnamed:
        return table.select([*index, *(name for name in table.column_names if name not in index)])
    if len(index) == 1 and pyarrow.types.is_integer(table.schema.field(unnamed[0]).type):
        return table.drop_columns(unnamed)
    return table


_TABLES = {".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".orc": "orc"}


def _table(folder: Path, files: Sequence[Path]) -> pyarrow.Table:
    """The rows of all files, with the columns that the names of folders hold (`day=1997-09-30`) as text."""
    form = "orc" if files[0].suffix == ".orc" else "parquet"
    names = [part.partition("=")[0] for part in files[0].relative_to(folder).parts[:-1] if "=" in part]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    from pyarrow.dataset import dataset, partitioning

    hive = partitioning(schema, flavor="hive") if names else None
    found = dataset(
        [str(one) for one in files], format=form, partitioning=hive, partition_base_dir=str(folder) if names else None
    ).to_table()
    return found.replace_schema_metadata({IN_FOLDERS: ",".join(names)}) if names else found


IN_FOLDERS = b"columns in folders"


def as_compared(was: Written, now: Written | None) -> Written:
    """What the ad-hoc notebook wrote, with columns that stood in names of folders as the promoted notebook has them."""
    names = ((was.table.schema.metadata or {}).get(IN_FOLDERS, b"").decode() if was.table is not None else "").split(
        ","
    )
    if was.table is None or now is None or now.table is None or not any(names):
        return was
    if sorted(was.table.column_names) != sorted(now.table.column_names):
        return was
    table = was.table.select(now.table.column_names).replace_schema_metadata(None)
    for name in names:
        place = table.column_names.index(name)
        try:
            column = table.column(place).cast(now.table.schema.field(name).type)
        except pyarrow.ArrowInvalid:
            return was
        table = table.set_column(place, name, column)
    return replace(was, table=table)


def written_to(lake: Path, dataset: str, told: Sequence[str] = ()) -> Written | None:
    """What the promoted notebook committed to the stage's lake; `told` are the columns that tell its partitions."""
    version = logs.latest(dataset, lake)
    if version is None:
        return None
    if version.manifest.kind != "table":
        slots = {one.slot: Path(path) for one, path in zip(version.files, version.paths, strict=True)}
        if len({slot.split("/")[0] for slot in slots}) == 1:
            slot, place = next(iter(slots.items()))
            return _written_at(dataset, place.parents[slot.count("/") - 1] if "/" in slot else place)
        return Written(dataset, None, {slot: path.read_bytes() for slot, path in slots.items() if not _is_hidden(path)})
    if not version.paths:
        return Written(dataset, pyarrow.table({column.name: [] for column in version.columns}))
    if not told:
        from pyarrow.dataset import dataset as files_of

        return Written(dataset, files_of(list(version.paths), format="parquet").to_table())
    parts = []
    for file, path in zip(version.files, version.paths, strict=True):
        values = partitions.values_of(file.slot)
        table = pyarrow.parquet.read_table(path, partitioning=None)
        parts.append(with_slot(table, {name: partitions.shown(values[name]) for name in told if name in values}))
    return Written(dataset, pyarrow.concat_tables(parts, promote_options="permissive"))
