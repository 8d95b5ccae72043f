"""Tables, cell by cell: those of HTML, and those that Spark's `show()` prints."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import zip_longest

from nbpromote.running.comparing.difference import Telling, Terms

_PRINTED = re.compile(r"^\+(?:-+\+)+\n(?:\|.*\|\n)\+(?:-+\+)+\n(?:\|.*\|\n)*?\+(?:-+\+)+\n?", re.MULTILINE)
_VALUE = 60
_MOST_CELLS = 1000  # as browsers have it


@dataclass(slots=True)
class Table:
    """A table as it is shown: names of columns, and rows of texts."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def in_html(html: str) -> tuple[list[Table], str]:
    """The tables of a piece of HTML, and the visible text around them."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.tables, " ".join(" ".join(parser.around).split())


def laid_out(html: str) -> str:
    """A piece of HTML as people read it: its tables in columns, and the text around; as it is without a table."""
    found, around = in_html(html)
    lines = []
    for table in found:
        rows = [row for row in (table.columns, *table.rows) if row]
        widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
        lines += ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=False)) for row in rows]
    return "\n".join([*lines, *([around] if around else [])]) if found else html


def printed(text: str) -> list[Table]:
    """The tables that Spark printed into a text."""
    found = []
    for block in _PRINTED.findall(text):
        lines = [[part.strip() for part in line[1:-1].split("|")] for line in block.splitlines() if line[:1] == "|"]
        found.append(Table(lines[0], lines[1:]))
    return found


def without_printed(text: str) -> str:
    return _PRINTED.sub("<table>\n", text)


def difference(was: Table, now: Table, terms: Terms) -> str | None:
    """What differs in words, or None."""
    told = Telling()
    if was.columns != now.columns:
        gone = [name for name in was.columns if name not in now.columns]
        new = [name for name in now.columns if name not in was.columns]
        told.lines.extend(f"column {name!r} is gone" for name in gone)
        told.lines.extend(f"column {name!r} is new" for name in new)
        if not (gone or new):
            return f"the columns are {', '.join(now.columns)} and were {', '.join(was.columns)}"
        if len(was.rows) != len(now.rows):
            told.lines.append(f"{len(now.rows):,} rows instead of {len(was.rows):,}")
            return told.text()  # which rows are the same cannot be told
    elif len(was.rows) != len(now.rows):
        told.lines.append(f"{len(now.rows):,} rows instead of {len(was.rows):,}")
        before, after = [tuple(row) for row in was.rows], [tuple(row) for row in now.rows]
        told.lines.extend(f"- {_row(row)}" for row in before if row not in after)
        told.lines.extend(f"+ {_row(row)}" for row in after if row not in before)
        return told.text()
    elif sorted(was.rows) == sorted(now.rows) and was.rows != now.rows:
        return "the same rows in another order"
    # Columns that both have are compared by name, the nameless ones by place.
    shared = [name for name in was.columns if name in now.columns] if was.columns != now.columns else None
    for number, (before_row, after_row) in enumerate(zip(was.rows, now.rows, strict=False), 1):
        label = f"row {number}"
        for place, (name, one, other) in enumerate(_cells(was, now, before_row, after_row, shared)):
            if not terms.is_same(one, other):
                told.lines.append(f"{label}, column {name or place + 1}: is {_short(other)} and was {_short(one)}")
    return told.text() or None


def _cells(
    was: Table, now: Table, before: list[str], after: list[str], shared: list[str] | None
) -> list[tuple[str, str, str]]:
    if shared is None:
        width = max(len(before), len(after))
        names = [*was.columns, *[""] * width][:width]
        padded = [[*row, *[""] * width][:width] for row in (before, after)]
        return list(zip(names, *padded, strict=True))
    ours, theirs = dict(zip(was.columns, before, strict=False)), dict(zip(now.columns, after, strict=False))
    return [(name, ours.get(name, ""), theirs.get(name, "")) for name in shared]


def _row(row: tuple[str, ...]) -> str:
    text = " | ".join(row)
    return text if len(text) <= 2 * _VALUE else f"{text[: 2 * _VALUE]}..."


def _short(text: str) -> str:
    return repr(text if len(text) <= _VALUE else f"{text[: _VALUE - 3]}...")


def _span(said: str | None) -> int:
    return min(int(said), _MOST_CELLS) if said and said.isdecimal() and int(said) > 0 else 1


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.around: list[str] = []
        self._open: list[Table] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._is_head = False
        self._across = self._down = 1
        self._above: dict[int, tuple[str, int]] = {}  # place -> text of a cell that goes on, in so many rows
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script"}:
            self._silent += 1
        elif tag == "table":
            table = Table()
            self.tables.append(table)
            self._open.append(table)
            self.around.append("<table>")
            self._above = {}
        elif tag == "tr" and self._open:
            self._end_row()
            self._row, self._is_head = [], True
        elif tag in {"td", "th"} and self._row is not None:
            self._end_cell()
            self._cell = []
            self._is_head = self._is_head and tag == "th"
            self._across, self._down = (_span(dict(attrs).get(name)) for name in ("colspan", "rowspan"))
        elif tag == "img":
            self._text(" ".join(f"{name}={value}" for name, value in attrs if name == "src"))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script"}:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self._open:
            self._end_row()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._text(data)

    def _text(self, data: str) -> None:
        if self._silent:
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self.around.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            text = " ".join("".join(self._cell).split())
            self._go_on()
            for _ in range(self._across):
                if self._down > 1:
                    self._above[len(self._row)] = (text, self._down - 1)
                self._row.append(text)
        self._cell = None

    def _go_on(self) -> None:
        """Give the row what cells of rows above put here."""
        while self._row is not None and len(self._row) in self._above:
            text, rows = self._above.pop(len(self._row))
            self._row.append(text)
            if rows > 1:
                self._above[len(self._row) - 1] = (text, rows - 1)

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and self._open:
            self._go_on()
            table = self._open[-1]
            if self._is_head and not table.rows and len(table.columns) in {0, len(self._row)}:
                above = table.columns or [""] * len(self._row)
                table.columns = [" ".join(filter(None, pair)) for pair in zip(above, self._row, strict=True)]
            else:
                table.rows.append(self._row)
        self._row = None
