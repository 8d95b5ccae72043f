"""A notebook's flow as a tree in the terminal."""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from nbpromote.cli.terminal import clean
from nbpromote.publish.flow import CellView, FlowView, Need, State

_MARKS = {State.RESULT: ("★", "bold green"), State.NEEDED: ("●", "cyan"), State.LEFT_OUT: ("○", "dim")}
_GUIDES = 8  # columns that the tree's own lines take
_NARROWEST = 30


def print_flow(view: FlowView, console: Console, *, has_reasons: bool = False) -> None:
    """Print the cells under the headings above them; `has_reasons` tells why of each cell, not only of dead ends."""
    width = max(console.width - _GUIDES, _NARROWEST)
    root = Tree(Text.assemble((_one_line(view.path), "bold"), "  ", view.headline), guide_style="dim")
    if view.order_note:
        root.add(Text(view.order_note, "yellow"))
    branch, section = root, ""
    takers = _takers(view)
    for cell in view.cells:
        if cell.section != section:
            section = cell.section
            branch = root.add(Text(_cut(section, width), "bold")) if section else root
        branch.add(_cell(cell, takers.get(cell.id, {}), width, has_reasons=has_reasons))
    console.print(root)
    console.print(
        Text("★ result  ● leads to one  ○ left out  ▲ not there when it runs  ↕ runs elsewhere than it stands", "dim")
    )


def _cell(cell: CellView, takers: dict[str, list[int]], width: int, *, has_reasons: bool) -> Text:
    mark, style = _MARKS[cell.state]
    head = f"{mark} {cell.number:>3} {'↕ ' if cell.is_moved else ''}"
    title = "dim" if cell.state is State.LEFT_OUT else "italic" if cell.is_comment else ""
    lines = [Text.assemble((head, style), (_cut(cell.title, width - cell_len(head)), title))]
    indent = " " * 6
    room = width - len(indent)

    def add(label: str, parts: Iterable[str], style: str = "") -> None:
        for number, line in enumerate(_filled(parts, room - 8)):
            lines.append(Text.assemble(indent, (f"{label if not number else '':<8}", "dim"), (line, style)))

    dim = "dim" if cell.state is State.LEFT_OUT else ""
    add("reads", cell.reads, dim)
    add("needs", (_need(need) for need in cell.needs if not need.is_quiet), dim)
    made = [_made(name, takers) for name in cell.makes]
    add("makes", made, dim)
    add("changes", [_made(name, takers) for name in cell.changes], dim)
    add("writes", cell.writes, dim or "green")
    for told in cell.hidden:
        lines.append(Text.assemble(indent, (_cut(f"▲ {told}", room), "bold red")))
    is_told = bool(cell.writes) and cell.why.startswith("writes ")
    if cell.why and not is_told and (has_reasons or cell.state is not State.NEEDED):
        lines.append(Text.assemble(indent, (_cut(cell.why, room), "green" if cell.state is State.RESULT else "dim")))
    return Text("\n").join(lines)


def _takers(view: FlowView) -> dict[str, dict[str, list[int]]]:
    """For each cell, by each name: the numbers of the cells that take it."""
    found: dict[str, dict[str, list[int]]] = {}
    for cell in view.cells:
        for need in cell.needs:
            for name in need.names:
                found.setdefault(need.source, {}).setdefault(name, []).append(cell.number)
    return found


def _need(need: Need) -> str:
    changed = " changed in" if need.kind == "mutation" else " ←"
    return f"{', '.join(need.names)}{changed} {need.number}"


def _made(name: str, takers: dict[str, list[int]]) -> str:
    numbers = takers.get(name, [])
    more = f" and {len(numbers) - 4} more" if len(numbers) > 5 else ""
    return f"{name} → {', '.join(map(str, numbers[: 4 if more else 5]))}{more}" if numbers else name


def _filled(parts: Iterable[str], width: int) -> list[str]:
    """The parts side by side, on as many lines as they take, three at most."""
    lines: list[str] = []
    for part in parts:
        told = _cut(part, width)
        if lines and cell_len(lines[-1]) + 3 + cell_len(told) <= width:
            lines[-1] += f" · {told}"
        elif len(lines) == 3:
            lines[-1] = _cut(f"{lines[-1]} · {told}", width)
            break
        else:
            lines.append(told)
    return lines


def _cut(text: str, width: int) -> str:
    text = _one_line(text)
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 1)).rstrip()}…"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
