"""Which notebook makes which dataset of which, as boxes in columns from left to right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, BETWEEN, GAP, MARGIN = 184, 46, 58, 16, 12
_PASSES = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A dataset or a notebook. `name` is unique among its kind; `note` a few words below; `tone` colours a notebook."""

    name: str
    is_notebook: bool
    note: str = ""
    tone: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its upper left corner, in pixels."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one node to another, as a path of SVG."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def lay_out(nodes: Sequence[Node], edges: Iterable[tuple[Node, Node]]) -> Picture:
    """Boxes in columns: what needs nothing stands at the left, everything else right of all that it needs.

    An edge that closes a circle (a notebook that reads what it wrote before) is drawn backwards.
    """
    known = list(dict.fromkeys(edges))
    columns = _columns(nodes, known)
    rows: dict[int, list[Node]] = {}
    for node in nodes:
        rows.setdefault(columns[node], []).append(node)
    _untangle(rows, known)
    tallest = max((len(column) for column in rows.values()), default=0)
    places: dict[Node, tuple[float, float]] = {}
    for number, column in rows.items():
        top = MARGIN + (tallest - len(column)) * (HEIGHT + GAP) / 2
        for row, node in enumerate(column):
            places[node] = (MARGIN + number * (WIDTH + BETWEEN), top + row * (HEIGHT + GAP))
    return Picture(
        tuple(Box(node, *places[node]) for node in nodes),
        tuple(Arrow(one.name, other.name, _path(places[one], places[other])) for one, other in known),
        round(2 * MARGIN + (max(rows, default=0) + 1) * (WIDTH + BETWEEN) - BETWEEN) if rows else 0,
        round(2 * MARGIN + tallest * (HEIGHT + GAP) - GAP) if rows else 0,
    )


def _columns(nodes: Sequence[Node], edges: Sequence[tuple[Node, Node]]) -> dict[Node, int]:
    needs: dict[Node, list[Node]] = {node: [] for node in nodes}
    for one, other in edges:
        needs[other].append(one)
    found: dict[Node, int] = {}
    under_way: set[Node] = set()
    for first in nodes:
        stack = [first]
        while stack:
            node = stack[-1]
            under_way.add(node)
            open_ones = [one for one in needs[node] if one not in found and one not in under_way]
            if open_ones:
                stack.append(open_ones[0])
                continue
            stack.pop()
            under_way.discard(node)
            found.setdefault(node, 1 + max((found[one] for one in needs[node] if one in found), default=-1))
    return found


def _untangle(rows: Mapping[int, list[Node]], edges: Sequence[tuple[Node, Node]]) -> None:
    """Order each column by the middle of the neighbours, to and fro."""
    beside: dict[Node, list[Node]] = {}
    for one, other in edges:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    for turn in range(_PASSES):
        for number in sorted(rows, reverse=turn % 2 == 1):
            place = {
                node: row / max(len(column) - 1, 1) if len(column) > 1 else 0.5
                for column in rows.values()
                for row, node in enumerate(column)
            }
            middle = {
                node: sum(place[one] for one in beside[node]) / len(beside[node]) if node in beside else place[node]
                for node in rows[number]
            }
            rows[number].sort(key=lambda node, of=middle: (of[node], node.name))  # type: ignore[misc]


def _path(source: tuple[float, float], target: tuple[float, float]) -> str:
    x, y = source[0] + WIDTH, source[1] + HEIGHT / 2
    to_x, to_y = target[0], target[1] + HEIGHT / 2
    if to_x > x:
        bend = (to_x - x) / 2
        return f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"
    dip = max(y, to_y) + HEIGHT
    return f"M{x:g} {y:g}C{x + 60:g} {dip:g} {to_x - 60:g} {dip:g} {to_x:g} {to_y:g}"
