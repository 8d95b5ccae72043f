"""Where everything stands in the picture of a flow: cells one below the other, and lanes beside them.

What a cell makes leaves it at its right edge, runs down a lane of its own, and turns into each cell that needs it.
Short ways take the inner lanes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nbpromote.publish.flow.view import CellView, FlowView, State

HUES = 8
_TITLE, _LINE, _PAD, _GAP = 24, 21, 9, 10
_HEADING = 40
_LANE, _NARROW_LANE = 15, 9
_MOST_LANES = 16  # more names from one cell then share a lane
_WIDEST = 330
_TURN = 20
_STEP, _REACH = 3.5, 7  # between ways at a cell's edge, and how far they may lie off its middle
_SHORT_WHY = 34


@dataclass(frozen=True, slots=True)
class Chip:
    """Names on a card: `hue` is their lane's, None when they take none; `number` the cell that they come from; `kind`
    is as for a need, or `data` or `unused`."""

    names: tuple[str, ...]
    kind: str
    hue: int | None = None
    number: int | None = None
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A cell's card, or the heading of a section (`cell` is None). Lines within it are counted from its top."""

    top: float
    height: float
    heading: str = ""
    cell: CellView | None = None
    needs_at: float = 0
    makes_at: float = 0
    hidden_at: float = 0
    why_at: float = 0
    needs: tuple[Chip, ...] = ()
    makes: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What one cell takes from another, as a way: `path` is SVG's, its origin at the cards' right edge."""

    source: CellView
    target: CellView
    names: tuple[str, ...]
    kind: str
    hue: int
    path: str
    tip: tuple[float, float]

    @property
    def is_kept(self) -> bool:
        """Whether both its ends lead to a result."""
        return self.source.state is not State.LEFT_OUT and self.target.state is not State.LEFT_OUT

    @property
    def label(self) -> str:
        """What flows, in words."""
        verb = {"mutation": "changes to ", "resource": ""}.get(self.kind, "")
        return f"{verb}{', '.join(self.names)}: cell {self.source.number} to cell {self.target.number}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows, the links, how wide the lanes are, and how high all is."""

    rows: tuple[Row, ...]
    links: tuple[Link, ...]
    lanes_width: float
    height: float


@dataclass(slots=True)
class _Bundle:
    """Names that go from one cell to the same cells, and share a lane."""

    source: str
    targets: list[str]
    names: list[str]
    kind: str
    lane: int = 0
    hue: int = 0


def lay_out(view: FlowView) -> Layout:
    """The layout of a view."""
    bundles = _bundles(view)
    rows = _rows(view, frozenset(bundle.source for bundle in bundles))
    cells = {row.cell.id: row for row in rows if row.cell is not None}
    if _assign(bundles, cells) > _MOST_LANES:
        bundles = _merged(bundles)
        _assign(bundles, cells)
    count = max((bundle.lane for bundle in bundles), default=-1) + 1
    gap = max(min(_LANE, _WIDEST / max(count, 1)), _NARROW_LANE if count < 40 else 4)
    links: list[Link] = []
    out, into = _spread(bundles)
    for index, bundle in enumerate(bundles):
        start = cells[bundle.source]
        for target in bundle.targets:
            end = cells[target]
            if start.cell is None or end.cell is None:
                continue
            begins = start.top + start.makes_at + out[index, bundle.source]
            ends = end.top + end.needs_at + into[index, target]
            path = _way(begins, ends, 22 + bundle.lane * gap)
            names = tuple(name for name in bundle.names if _takes(end.cell, bundle.source, name))
            links.append(Link(start.cell, end.cell, names, bundle.kind, bundle.hue, path, (0, ends)))
    links.sort(key=lambda link: link.is_kept)
    bottom = rows[-1].top + rows[-1].height if rows else 0
    chipped = tuple(_with_chips(row, bundles, cells) if row.cell is not None else row for row in rows)
    return Layout(chipped, tuple(links), 22 + count * gap + 6 if count else 12, bottom)


def _rows(view: FlowView, sources: frozenset[str]) -> list[Row]:
    rows: list[Row] = []
    top = 0.0
    section = ""
    for cell in view.cells:
        if cell.section != section:
            section = cell.section
            if section:
                rows.append(Row(top, _HEADING, section))
                top += _HEADING
        at = _PAD + _TITLE
        needs_at = makes_at = hidden_at = _PAD + _TITLE / 2
        why_at = 0.0
        if shown_needs(cell) or cell.reads:
            needs_at, at = at + _LINE / 2, at + _LINE
        if cell.id in sources or cell.makes or cell.changes or cell.writes:
            makes_at, at = at + _LINE / 2, at + _LINE
        if cell.hidden:
            hidden_at, at = at + _LINE / 2, at + _LINE
        if tells_why(cell):
            why_at, at = at + _LINE / 2, at + _LINE
        height = at + _PAD
        rows.append(Row(top, height, "", cell, needs_at, makes_at, hidden_at, why_at))
        top += height + _GAP
    return rows


def shown_needs(cell: CellView) -> bool:
    """Whether the cell takes anything but imported modules."""
    return any(not need.is_quiet for need in cell.needs)


def tells_why(cell: CellView) -> bool:
    """Whether the reason for its state is worth a line."""
    if cell.state is State.RESULT:
        is_told = cell.why.startswith("writes ") if cell.writes else cell.why == "it was asked for"
        return bool(cell.why) and not is_told
    return cell.state is State.LEFT_OUT and len(cell.why) > _SHORT_WHY


def badge(cell: CellView) -> str:
    """What stands in a card's upper corner."""
    moved = "↕ moved" if cell.is_moved else ""
    if cell.state is State.RESULT:
        what = "asked for" if cell.why.endswith("asked for") else "result"
        return f"★ {what} {moved}".rstrip()
    if cell.state is State.LEFT_OUT:
        why = f": {cell.why}" if cell.why and not tells_why(cell) else ""
        return f"left out{why}"
    return moved


def _bundles(view: FlowView) -> list[_Bundle]:
    takers: dict[tuple[str, str, str], list[str]] = {}
    for cell in view.cells:
        for need in cell.needs:
            if not need.is_quiet:
                for name in need.names:
                    takers.setdefault((need.source, need.kind, name), []).append(cell.id)
    found: dict[tuple[str, str, tuple[str, ...]], _Bundle] = {}
    for (source, kind, name), targets in takers.items():
        bundle = found.setdefault((source, kind, tuple(targets)), _Bundle(source, targets, [], kind))
        bundle.names.append(name)
    return list(found.values())


def _merged(bundles: list[_Bundle]) -> list[_Bundle]:
    """All that leaves a cell in one bundle, of each kind."""
    found: dict[tuple[str, str], _Bundle] = {}
    for each in bundles:
        bundle = found.setdefault((each.source, each.kind), _Bundle(each.source, [], [], each.kind))
        bundle.names += [name for name in each.names if name not in bundle.names]
        bundle.targets += [target for target in each.targets if target not in bundle.targets]
    return list(found.values())


def _assign(bundles: list[_Bundle], rows: dict[str, Row]) -> int:
    """Give each bundle the innermost free lane, the short ones first, and a hue; how many lanes there are."""

    def span(bundle: _Bundle) -> tuple[float, float]:
        ends = [rows[bundle.source].top, *(rows[target].top for target in bundle.targets)]
        return min(ends), max(ends)

    order = {cell_id: index for index, cell_id in enumerate(rows)}
    for number, bundle in enumerate(sorted(bundles, key=lambda each: order[each.source])):
        bundle.hue = number % HUES
    lanes: list[list[tuple[float, float]]] = []
    for bundle in sorted(bundles, key=lambda each: (span(each)[1] - span(each)[0], span(each)[0])):
        begins, ends = span(bundle)
        for lane, taken in enumerate(lanes):
            if all(ends <= other_begins or begins >= other_ends for other_begins, other_ends in taken):
                taken.append((begins, ends))
                bundle.lane = lane
                break
        else:
            bundle.lane = len(lanes)
            lanes.append([(begins, ends)])
    return len(lanes)


def _takes(cell: CellView, source: str, name: str) -> bool:
    return any(need.source == source and name in need.names for need in cell.needs)


def _way(begins: float, ends: float, lane: float) -> str:
    """From the edge into the lane, along it, and back to the edge, in two soft turns."""
    sign = 1 if ends >= begins else -1
    turn = min(lane, abs(ends - begins) / 2, _TURN)
    bow = turn * 0.45
    return (
        f"M0 {begins:g}H{lane - turn:g}C{lane - bow:g} {begins:g} {lane:g} {begins + sign * bow:g} {lane:g} "
        f"{begins + sign * turn:g}V{ends - sign * turn:g}C{lane:g} {ends - sign * bow:g} {lane - bow:g} {ends:g} "
        f"{lane - turn:g} {ends:g}H6"
    )


def _spread(bundles: list[_Bundle]) -> tuple[dict[tuple[int, str], float], dict[tuple[int, str], float]]:
    """How far above or below the middle each bundle leaves a cell, and enters one, so that few ways cross."""
    leaving: dict[str, list[int]] = {}
    entering: dict[str, list[int]] = {}
    for index, bundle in enumerate(bundles):
        leaving.setdefault(bundle.source, []).append(index)
        for target in bundle.targets:
            entering.setdefault(target, []).append(index)
    out = {key: at for cell, found in leaving.items() for key, at in _offsets(cell, found, bundles, -1)}
    into = {key: at for cell, found in entering.items() for key, at in _offsets(cell, found, bundles, 1)}
    return out, into


def _offsets(cell: str, found: list[int], bundles: list[_Bundle], sign: int) -> Iterator[tuple[tuple[int, str], float]]:
    step = min(_STEP, 2 * _REACH / max(len(found) - 1, 1))
    for place, index in enumerate(sorted(found, key=lambda each: sign * bundles[each].lane)):
        yield (index, cell), (place - (len(found) - 1) / 2) * step


def _with_chips(row: Row, bundles: list[_Bundle], rows: dict[str, Row]) -> Row:
    """The card with the names that it needs and makes, in the colours of their lanes."""
    cell = row.cell
    if cell is None:
        return row
    needs: list[Chip] = [Chip((f"▤ {name}",), "data") for name in cell.reads]
    makes: list[Chip] = []
    used: set[str] = set()
    is_kept = cell.state is not State.LEFT_OUT
    for bundle in bundles:
        if cell.id in bundle.targets:
            start = rows[bundle.source].cell
            if start is not None:
                names = tuple(name for name in bundle.names if _takes(cell, bundle.source, name))
                both = is_kept and start.state is not State.LEFT_OUT
                needs.append(Chip(names, bundle.kind, bundle.hue, start.number, both))
        if cell.id == bundle.source:
            used |= set(bundle.names)
            takers = (rows[target].cell for target in bundle.targets)
            both = is_kept and any(taker is not None and taker.state is not State.LEFT_OUT for taker in takers)
            makes.append(Chip(tuple(bundle.names), bundle.kind, bundle.hue, None, both))
    unused = tuple(name for name in (*cell.makes, *cell.changes) if name not in used)
    if unused:
        makes.insert(0, Chip(unused, "unused"))
    makes += [Chip((f"▤ {name}",), "data") for name in cell.writes]
    needs.sort(key=lambda chip: (chip.kind != "data", chip.number or 0))
    return replace(row, needs=tuple(needs), makes=tuple(makes))
