"""Pictures of a flow: what flows is on them, and what came with the notebook can do nothing."""

import html.parser
import json
import re
from xml.etree import ElementTree

import pytest

from nbpromote.analysis import analyse
from nbpromote.analysis.slices import slice_for
from nbpromote.notebook import parse
from nbpromote.publish.flow import FlowView, State, render_html, render_svg, view_flow
from nbpromote.publish.flow.layout import lay_out

PICTURES = pytest.mark.parametrize("render", [render_svg, render_html])
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(2)</script>",
    "</pre></code><iframe src='http://tracker.example'>",
    "]]><!-- --><svg onload=alert(3)>",
    "\x1b[31m\x00\x07\u202eevil\ud800",
)


def view_of(*cells: str, path: str = "a.ipynb", markdown: str = "# Part one") -> FlowView:
    return view_flow(analyse(parse(document(*cells, markdown=markdown), path)))


def document(*cells: str, markdown: str) -> bytes:
    told = [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown}]
    told += [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": cell,
            "outputs": [],
            "execution_count": None,
        }
        for number, cell in enumerate(cells)
    ]
    return json.dumps({"cells": told, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


CELLS = (
    "import pandas as pd",
    "df = pd.read_csv('sales.csv')",
    "df.head()",
    "df['net'] = df['gross'] * 0.8",
    "other = ghost + 1",
    "df.to_csv('out.csv')",
)


class Elements(html.parser.HTMLParser):
    """All tags and attributes of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_each_cell_is_told_with_what_becomes_of_it_and_why() -> None:
    view = view_of(*CELLS)
    states = {cell.number: cell.state for cell in view.cells}
    assert states[7] is State.RESULT
    assert [states[number] for number in (2, 3, 5)] == [State.NEEDED] * 3
    assert [states[number] for number in (4, 6)] == [State.LEFT_OUT] * 2
    by_number = {cell.number: cell for cell in view.cells}
    assert by_number[4].why == "it only looks"
    assert by_number[6].hidden == ("uses ghost, which no cell binds",)
    assert {(need.number, need.names, need.kind) for need in by_number[7].needs} == {
        (3, ("df",), "value"),
        (5, ("df",), "mutation"),
    }
    assert by_number[3].reads == ("sales.csv",)
    assert view.headline == "4 of 6 code cells lead to 1 result"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("%%sql\nselect * from a\nwhere b", "%%sql select * from a"),
        ("import os\n%%bash\nls", "%%bash ls"),
        ("%%time\nx = 1", "x = 1"),
        ("%matplotlib inline\nplot()", "%matplotlib inline"),
    ],
)
def test_a_cell_is_called_by_the_line_that_tells_what_it_does(source: str, title: str) -> None:
    assert view_of(source).cells[0].title == title


def test_cells_that_run_elsewhere_than_they_stand_are_told() -> None:
    view = view_of("y = x + 1", "x = 1", "print(y)", "open('o', 'w').write(str(y))")
    assert [cell.number for cell in view.cells][:2] == [3, 2]
    assert sum(cell.is_moved for cell in view.cells) == 1
    assert "from top to bottom it does not" in view.order_note


def test_a_slice_is_shown_instead_of_the_results() -> None:
    facts = analyse(parse(document(*CELLS, markdown="# x"), "a.ipynb"))
    wanted = slice_for(facts, [], names=["other"])
    view = view_flow(facts, wanted=wanted, target="other", ends=frozenset(wanted.cells))
    assert view.headline == "1 of 6 code cells lead to other"
    assert [cell.number for cell in view.cells if cell.state is State.RESULT] == [6]


def test_every_value_but_modules_has_a_way_from_its_maker_to_its_taker() -> None:
    view = view_of(*CELLS)
    links = {(link.source.number, link.target.number, link.names, link.kind) for link in lay_out(view).links}
    assert (3, 7, ("df",), "value") in links
    assert (5, 7, ("df",), "mutation") in links
    assert not any("pd" in names for _, _, names, _ in links)


def test_cards_never_overlap_and_ways_end_at_them() -> None:
    view = view_of(*(f"v{number} = {' + '.join(f'v{n}' for n in range(number)) or 0}" for number in range(30)))
    layout = lay_out(view)
    assert all(one.top + one.height <= two.top for one, two in zip(layout.rows, layout.rows[1:], strict=False))
    tops = {row.cell.id: row for row in layout.rows if row.cell is not None}
    for link in layout.links:
        row = tops[link.target.id]
        assert row.top < link.tip[1] < row.top + row.height
        assert max(float(x) for x in re.findall(r"[HC](\d+\.?\d*)", link.path)) <= layout.lanes_width


@PICTURES
def test_hostile_text_is_only_text(render: object) -> None:
    cells = [
        *(f"x{number} = {word!r}  # {word}" for number, word in enumerate(HOSTILE)),
        *(f"%%html\n{word}" for word in HOSTILE),
        "open('<script>alert(9)</script>', 'w').write(x0)",
    ]
    view = view_of(*cells, path="<script>alert(5)</script>.ipynb", markdown=f"# {HOSTILE[0]}\n## {HOSTILE[1]}")
    picture = render(view)  # type: ignore[operator]
    page = Elements(picture)
    assert not {"script", "iframe", "img", "object", "link", "form"} & set(page.tags)
    assert [name for name, _ in page.attributes if name.startswith("on") or name in {"href", "src"}] == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", picture)
    addresses = {value for name, value in page.attributes if name != "title" and "://" in value}
    assert addresses <= {"http://www.w3.org/2000/svg"}


@PICTURES
def test_a_secret_is_on_no_picture(render: object) -> None:
    secret = "dapi" + "0123456789abcdef" * 2
    cells = (f"use('{secret}')", "password = 'correct-horse-battery'", "open('o', 'w').write(password)")
    picture = render(view_of(*cells))  # type: ignore[operator]
    assert secret not in picture
    assert "correct-horse" not in picture


def test_an_svg_is_well_formed_and_tells_kept_from_dropped_without_colour() -> None:
    picture = render_svg(view_of(*CELLS, *(f"n = '{word}'" for word in HOSTILE)))
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "★ result" in picture
    assert "left out: it only looks" in picture
    assert re.search(r"\.left-out \.box \{[^}]*stroke-dasharray", picture)


def test_a_page_loads_nothing_and_is_for_light_and_dark_and_small_screens() -> None:
    picture = render_html(view_of(*CELLS))
    assert "default-src 'none'" in picture
    assert "@import" not in picture
    assert "url(" not in picture
    assert "prefers-color-scheme: dark" in picture
    assert 'name="viewport"' in picture


@PICTURES
def test_enormous_names_and_lines_are_cut(render: object) -> None:
    name = "n" * 50_000
    picture = render(view_of(f"{name} = 1", f"print({name})", f"s = '{'x' * 500_000}'", path="p" * 300))  # type: ignore[operator]
    assert len(picture) < 200_000


@PICTURES
def test_a_notebook_without_code_has_a_picture(render: object) -> None:
    assert "0 code cells" in render(view_of())  # type: ignore[operator]


def test_a_long_notebook_is_drawn_in_seconds() -> None:
    view = view_of(
        *(f"a{number} = a{max(number - 1, 0)} + a{number // 2} if {number} else 0" for number in range(1500))
    )
    assert render_svg(view).count('<rect class="box"') == 1500
