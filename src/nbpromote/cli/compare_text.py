"""How two variants of a notebook look beside each other, in a terminal and as JSON."""

import difflib
import json

from rich.table import Table
from rich.text import Text

from nbpromote.cli.promotion_text import print_rows
from nbpromote.cli.terminal import clean, counted, out
from nbpromote.effects.promoting.variants import Compared, Pair, Variant
from nbpromote.notebook.model import Cell
from nbpromote.proof.values import SCHEMA
from nbpromote.proof.verdict import Comparison, Outcome

_STYLES = {Outcome.SAME: "green", Outcome.DIFFERS: "red", Outcome.NOT_COMPARABLE: "yellow"}
_MOST_LINES = 12


def show(found: Compared, *, with_code: bool) -> None:
    """Both variants, their cells side by side, then their results."""
    console = out()
    _show_heads(found)
    console.print()
    parting = found.first_parting
    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=False, header_style="bold cyan")
    for name, justify in (("  A", "right"), ("B", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("cell", no_wrap=True, max_width=44)
    table.add_column("")
    for pair in found.pairs:
        cell = pair.a or pair.b
        said = said_of(found, pair)
        if pair is parting:
            said = Text("here they part first: ", style="bold red") + said
        said += Text(_times(found, pair), style="dim")
        table.add_row(f"  {_number(pair.a)}", _number(pair.b), Text(_first_line(cell), style="dim"), said)
        for code in _code(pair) if with_code else ():
            table.add_row("", "", "", code)
    for line in console.render_lines(table, pad=False):
        text = Text.assemble(*((one.text, one.style or "") for one in line if not one.control))
        text.rstrip()
        console.print(text, soft_wrap=True)
    _show_results(found)


def _show_heads(found: Compared) -> None:
    rows = [
        (Text.assemble((letter, "bold cyan"), "  ", (one.facts.notebook.path, "bold")), Text(head_of(one)))
        for letter, one in (("A", found.a), ("B", found.b))
    ]
    print_rows(rows)
    for letter, one in (("A", found.a), ("B", found.b)):
        if one.stopped:
            out().print(Text(f"{letter} stopped at {clean(one.stopped)}", style="red"), soft_wrap=True)


def head_of(one: Variant) -> str:
    """How large a variant is, and what its run took."""
    seconds = f"{one.whole_seconds:.1f} s" if one.whole_seconds is not None else "not run"
    memory = f"{one.peak_memory / 2**20:,.0f} MB at most" if one.peak_memory else ""
    return f"{counted(len(one.cells), 'cell')}, {seconds}{', ' if memory else ''}{memory}"


def _show_results(found: Compared) -> None:
    console = out()
    console.print()
    if found.a.whole_seconds is None:
        console.print(summary_of(found))
        return
    console.print(Text("Results", style="bold cyan") if found.results else "No result is in both.")
    print_rows(
        (Text(f"  {clean(one.subject)}"), Text(str(one.outcome), style=_STYLES[one.outcome]), Text(clean(one.detail)))
        for one in found.results
    )
    console.print()
    console.print(summary_of(found))


def summary_of(found: Compared) -> str:
    """How many cells of them are alike, in a sentence or two."""
    if found.a.whole_seconds is None:
        same = sum(1 for pair in found.pairs if pair.is_same_code)
        return f"{same} of {len(found.pairs)} cells have the same code; neither was run."
    counts = [sum(1 for pair in found.pairs if test(pair)) for test in (_is_same, _is_recoded, _is_parted)]
    return (
        f"Cells: {counts[0]} the same, {counts[1]} with other code and the same values, {counts[2]} that part, "
        f"{sum(1 for pair in found.pairs if not (pair.a and pair.b))} in one only. "
        "Where they part, A is what it was and B what it is."
    )


def said_of(found: Compared, pair: Pair) -> Text:
    """What there is to say of a cell and the one that it belongs to."""
    if pair.a is None or pair.b is None:
        error = _errors(found, pair)
        return Text(f"only in {'A' if pair.a else 'B'}", style="cyan") + (Text("; ") + error if error else Text())
    error = _errors(found, pair)
    if error:
        return error
    if pair.parts:
        more = f"; and {len(pair.parts) - 1} more" if len(pair.parts) > 1 else ""
        code = "the same code, but " if pair.is_same_code else ""
        return Text(f"{code}{_told(pair.parts[0])}{more}", style="red")
    if pair.is_same_code:
        return Text("same", style="green")
    same = {one.detail for one in pair.values if one.outcome is Outcome.SAME}
    if same:
        return Text(f"other code, {SCHEMA}" if same == {SCHEMA} else "other code, same values", style="green")
    return Text("other code" + ("" if not pair.values else f"; {_told(pair.values[0])}"), style="yellow")


def _times(found: Compared, pair: Pair) -> str:
    """How long a cell took in both, where that is worth a thought."""
    if pair.a is None or pair.b is None:
        return ""
    took = found.a.seconds.get(pair.a.id, 0.0), found.b.seconds.get(pair.b.id, 0.0)
    return f"; {took[0]:.1f} s in A, {took[1]:.1f} s in B" if max(took) > max(1.0, 2 * min(took)) else ""


def _errors(found: Compared, pair: Pair) -> Text:
    said = [
        f"fails in {letter} ({clean(side.errors[cell.id])})"
        for letter, side, cell in (("A", found.a, pair.a), ("B", found.b, pair.b))
        if cell is not None and cell.id in side.errors
    ]
    return Text("; ".join(said), style="red")


def _told(one: Comparison) -> str:
    return f"{clean(one.subject)}: {clean(one.detail)}"


def _is_same(pair: Pair) -> bool:
    return pair.is_same_code and not pair.parts


def _is_recoded(pair: Pair) -> bool:
    return bool(pair.a and pair.b and not pair.is_same_code and not pair.parts and pair.values)


def _is_parted(pair: Pair) -> bool:
    return bool(pair.parts)


def _number(cell: Cell | None) -> str:
    return str(cell.number) if cell is not None else "-"


def _first_line(cell: Cell | None) -> str:
    source = cell.source if cell is not None else ""
    return clean(next((line for line in source.splitlines() if line.strip()), ""))


def _code(pair: Pair) -> list[Text]:
    if pair.a is None or pair.b is None or pair.is_same_code:
        return []
    lines = list(difflib.unified_diff(pair.a.source.splitlines(), pair.b.source.splitlines(), lineterm="", n=0))[2:]
    lines = [line for line in lines if not line.startswith("@@")]
    shown = [Text(clean(line), style="red" if line.startswith("-") else "green") for line in lines[:_MOST_LINES]]
    left = len(lines) - len(shown)
    return [*shown, Text(f"and {left} lines more", style="dim")] if left else shown


def print_json(found: Compared) -> None:
    """The same as JSON."""
    content = {
        "variants": {"a": _variant(found.a), "b": _variant(found.b)},
        "cells": [_pair(found, pair) for pair in found.pairs],
        "results": [_comparison(one) for one in found.results],
    }
    print(json.dumps(content, indent=1, ensure_ascii=False))


def _variant(one: Variant) -> dict[str, object]:
    return {
        "path": one.facts.notebook.path,
        "seconds": one.whole_seconds,
        "peak_memory": one.peak_memory,
        "stopped": one.stopped,
    }


def _pair(found: Compared, pair: Pair) -> dict[str, object]:
    sides: dict[str, object] = {}
    for letter, side, cell in (("a", found.a, pair.a), ("b", found.b, pair.b)):
        sides[letter] = cell and {
            "cell": cell.number,
            "id": cell.id,
            "seconds": side.seconds.get(cell.id),
            "error": side.errors.get(cell.id),
        }
    return {**sides, "same_code": pair.is_same_code, "values": [_comparison(one) for one in pair.values],
            "parts_first": pair is found.first_parting}  # fmt: skip


def _comparison(one: Comparison) -> dict[str, str]:
    return {"what": one.subject, "outcome": str(one.outcome), "detail": one.detail}
