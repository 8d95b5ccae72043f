"""Definitions of many places in groups that compute the same, or nearly the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nbpromote.analysis.clones.form import DefinitionNode, Form
from nbpromote.analysis.clones.near import near_pairs

TELLING = 25  # tokens; shorter definitions of different names say too little to be called the same


class Likeness(StrEnum):
    EXACT = "the same code"
    RENAMED = "the same code, with other names"
    NEAR = "nearly the same code"


@dataclass(frozen=True, slots=True)
class Placed:
    """A definition and where it stands: the file, its cell when that is a notebook, and the line there."""

    path: str
    cell: int | None
    line: int
    node: DefinitionNode
    form: Form

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(frozen=True, slots=True)
class Group:
    """Definitions that belong together; the first is the one that the others are compared with."""

    likeness: Likeness
    members: tuple[Placed, ...]

    @property
    def weight(self) -> int:
        """How much code there is too much."""
        return (len(self.members) - 1) * self.members[0].form.size


def find_groups(placed: Iterable[Placed]) -> tuple[Group, ...]:
    """The groups of two places or more, the heaviest first; those that are nearly the same come last."""
    by_key: dict[str, list[Placed]] = {}
    for one in placed:
        if one.form.size >= TELLING:
            by_key.setdefault(one.form.key, []).append(one)
    same = [_same(members) for members in by_key.values() if len(members) > 1]
    firsts = [members[0] for members in by_key.values()]
    near = [
        Group(Likeness.NEAR, tuple(firsts[place] for place in places))
        for places in _stars(len(firsts), [pair[:2] for pair in near_pairs([first.form for first in firsts])])
    ]
    return tuple(sorted([*same, *near], key=lambda g: (g.likeness is Likeness.NEAR, -g.weight, _place(g.members[0]))))


def _same(members: Sequence[Placed]) -> Group:
    names = {(one.name, one.form.words) for one in members}
    return Group(Likeness.EXACT if len(names) == 1 else Likeness.RENAMED, tuple(sorted(members, key=_place)))


def _place(one: Placed) -> tuple[bool, str, int, int]:
    return not one.path.startswith("commonlib/"), one.path, one.cell or 0, one.line


def _stars(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The numbers that are linked by pairs, in groups around those with the most links, which come first."""
    links: list[set[int]] = [set() for _ in range(count)]
    for one, other in pairs:
        links[one].add(other)
        links[other].add(one)
    left = {place for place in range(count) if links[place]}
    groups = []
    while left:
        centre = max(sorted(left), key=lambda place: len(links[place] & left))
        around = links[centre] & left
        left -= {centre, *around}
        if around:
            groups.append([centre, *sorted(around)])
    return groups
