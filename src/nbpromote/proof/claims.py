"""Which of the ad-hoc notebook's writes stand for which dataset of the promoted one."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow

from nbpromote.proof.evidence import Written

SLOT = "the partition"  # a column beside those of the data: the partition's folder


@dataclass(frozen=True, slots=True)
class Claim:
    """One place of the code that writes: its dataset, the places that it names, as texts or as a pattern, and the cells
    that come by. `columns` are those of its partition; `told` those of which the pattern has a group."""

    dataset: str
    targets: tuple[str, ...]
    pattern: str | None
    cells: frozenset[str]
    columns: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def joined(
    claims: Iterable[Claim], written: Mapping[str, Written], base: str
) -> tuple[dict[str, Written], dict[str, str], tuple[str, ...]]:
    """What the ad-hoc notebook wrote for each dataset, the datasets by the names that people are told, and what no
    claim stands for. `base` is the folder in which the ad-hoc notebook ran."""
    left = {name: _normal(name, base) for name in written}
    taken: dict[str, list[tuple[Claim, str]]] = {}
    claims = tuple(claims)
    for fits in (_names, _looks_like, _is_of_cell):
        for claim in claims:
            for name, plain in tuple(left.items()):
                if fits(claim, name, plain, written[name], base):
                    taken.setdefault(claim.dataset, []).append((claim, name))
                    del left[name]
    found: dict[str, Written] = {}
    datasets: dict[str, str] = {}
    for claim in claims:
        ours = taken.get(claim.dataset, [])
        label = ours[0][1] if len(ours) == 1 else claim.dataset
        if claim.dataset not in datasets.values():
            datasets[label] = claim.dataset
            if ours:
                found[label] = _one(label, [(each, written[name], _normal(name, base)) for each, name in ours])
    return found, datasets, tuple(left)


def _one(label: str, ours: list[tuple[Claim, Written, str]]) -> Written:
    """Several writes as one: the files of all, or the rows of all with the partition that each went to."""
    if len(ours) == 1 and not ours[0][0].columns:
        return ours[0][1]
    tables = [(claim, one.table, plain) for claim, one, plain in ours if one.table is not None]
    if len(tables) == len(ours) and any(claim.columns for claim, *_ in ours):
        parts = [_with_slot(claim, table, plain) for claim, table, plain in tables]
        return Written(label, pyarrow.concat_tables(parts, promote_options="permissive"))
    files: dict[str, bytes] = {}
    for _, one, plain in ours:
        own = one.files
        is_file = len(own) == 1 and "/" not in next(iter(own))
        files |= {posixpath.basename(plain): next(iter(own.values()))} if is_file else own
    return Written(label, None, files)


def _with_slot(claim: Claim, table: pyarrow.Table, plain: str) -> pyarrow.Table:
    names = {name.casefold() for name in claim.columns}
    table = table.drop_columns([name for name in table.column_names if name.casefold() in names])
    found = re.search(f"{claim.pattern}$", plain) if claim.pattern and claim.told else None
    return with_slot(table, dict(zip(claim.told, found.groups(), strict=False)) if found else {})


def with_slot(table: pyarrow.Table, values: Mapping[str, str]) -> pyarrow.Table:
    """The table with a column that tells the partition, where there are values to tell."""
    if not values:
        return table
    slot = "/".join(f"{name}={value}" for name, value in values.items())
    return table.append_column(SLOT, pyarrow.array([slot] * table.num_rows, pyarrow.string()))


def _names(claim: Claim, name: str, plain: str, _: Written, base: str) -> bool:
    return any(name == one or plain == _normal(one, base) for one in claim.targets)


def _looks_like(claim: Claim, name: str, plain: str, one: Written, base: str) -> bool:  # noqa: ARG001
    if claim.pattern is None:
        return False
    return bool(re.search(f"(?:^|/){claim.pattern.removeprefix('./').removeprefix(re.escape('./'))}$", plain))


def _is_of_cell(claim: Claim, name: str, plain: str, one: Written, base: str) -> bool:  # noqa: ARG001
    return one.cell in claim.cells


def _normal(target: str, base: str) -> str:
    """The place as a whole path, however it is spelled; tables and addresses are named as they are."""
    if "://" in target:
        return target
    return posixpath.normpath(posixpath.join(base, target))
