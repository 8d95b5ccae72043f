"""Which cells wrote what is outside the notebook: files and folders, tables, states."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

MANY = 256
_TABLES = ("table ", "temp view ")
_ALL_BEFORE = "\0"
Cells = dict[str, list[str]]


class Writers:
    """The cells that wrote each resource, so that those that read it, or what overlaps it, are found quickly.

    A write to a place that is not known leaves all others as they are, so its resource has several writers. When there
    are a great many, the next of them is taken to lead to all before.
    """

    def __init__(self) -> None:
        self.of: Cells = {}
        # Files by each folder above them, "" for all; and those of which only a pattern is known.
        self.below: dict[str, Cells] = {"": {}}
        self.patterns: Cells = {}
        self.tables: Cells = {}

    def find(self, resource: str) -> Iterator[tuple[str, str]]:
        """(cell, resource) of what was written and may be found here."""
        found: Cells = {resource: self.of.get(resource, [])}
        if resource.startswith("file "):
            found |= self._files(resource)
        elif resource.startswith(_TABLES):
            unknown = [f"{kind}?" for kind in _TABLES]
            found |= self.tables if resource in unknown else {each: self.of.get(each, []) for each in unknown}
            # A view that one language made is a table for another.
            view = resource.replace("table ", "temp view ", 1)
            found[view] = self.of.get(view, [])
        for each, cells in found.items():
            yield from ((cell_id, resource if each == _ALL_BEFORE else each) for cell_id in cells)

    def add(self, resource: str, cell_id: str, *, is_read: bool) -> Iterator[tuple[str, str]]:
        """Let the cell write; given are the writers before to which it is taken to lead from now on."""
        cells = self.of.setdefault(resource, [])
        if is_read or not resource.endswith("?"):
            cells.clear()
        yield from shortened(cells, resource)
        cells.append(cell_id)
        indices: list[Cells] = []
        if resource.startswith("file "):
            path = resource.removeprefix("file ")
            indices = [self.below.setdefault(folder, {}) for folder in ("", *_folders_above(path))]
            if _is_pattern(path):
                indices.append(self.patterns)
        elif resource.startswith(_TABLES):
            indices = [self.tables]
        for index in indices:
            index[resource] = cells
            if len(index) > MANY:
                yield from ((each, name) for name, writers in index.items() for each in writers if each != cell_id)
                index.clear()
                index[_ALL_BEFORE] = [cell_id]

    def _files(self, resource: str) -> Cells:
        path = resource.removeprefix("file ")
        if path in {"?", "."}:
            return self.below[""]
        folder = _folder(path) if _is_pattern(path) else path
        nearby: Cells = {}
        for each in (".", folder, *_folders_above(folder)):
            nearby[f"file {each}"] = self.of.get(f"file {each}", [])
        nearby |= self.below.get(folder, {}) | self.patterns
        return {
            each: cells
            for each, cells in nearby.items()
            if each == _ALL_BEFORE or (each != resource and may_overlap(resource, each))
        }


def shortened(cells: list[str], name: str) -> Iterator[tuple[str, str]]:
    """When there are a great many cells, all of them, to be led to by the one that comes next."""
    if len(cells) > MANY:
        yield from ((each, name) for each in cells)
        cells.clear()


def may_overlap(one: str, other: str) -> bool:
    """Whether two file resources may share a file: a folder and what is in it, a pattern, an unknown path."""
    one, other = one.removeprefix("file "), other.removeprefix("file ")
    if "?" in {one, other}:
        return True
    if any(mark in one + other for mark in "*["):
        return fnmatch(one, other) or fnmatch(other, one) or _folder(one) == _folder(other)
    return one.startswith(f"{other}/") or other.startswith(f"{one}/") or "." in {one, other}


def _is_pattern(path: str) -> bool:
    return any(mark in path for mark in "*[?")


def _folder(path: str) -> str:
    return re.split(r"[*\[?]", path)[0].rpartition("/")[0]


def _folders_above(path: str) -> Iterable[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        if path:
            yield path
