"""Outputs are compared by what they are, and what differs is told so that people see it."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from nbpromote.running.comparing import Terms, compare


def display(**data: Any) -> dict[str, Any]:
    found = {{"html": "text/html", "plain": "text/plain", "png": "image/png"}.get(k, k): v for k, v in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": found}


def stdout(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def told(was: dict[str, Any] | list[Any], now: dict[str, Any] | list[Any], terms: Terms = Terms()) -> str:  # noqa: B008
    sides = [side if isinstance(side, list) else [side] for side in (was, now)]
    assert compare(sides[0], sides[0], terms) == compare(sides[1], sides[1], terms) == ()
    return "\n".join(f"{one.what}: {one.told}" for one in compare(*sides, terms))


def frame(*rows: tuple[object, ...], columns: tuple[str, ...] = ("name", "amount")) -> dict[str, Any]:
    head = "".join(f"<th>{one}</th>" for one in ("", *columns))
    body = "".join(
        f"<tr><th>{place}</th>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for place, row in enumerate(rows)
    )
    html = f"<div><style scoped>.x {{}}</style><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    return display(html=html, plain="\n".join(map(str, rows)))


def printed(*numbers: str) -> dict[str, Any]:
    """What Spark's `show()` prints of one column."""
    wide = max(map(len, numbers))
    rule = f"+{'-' * wide}+"
    rows = (f"|{one.rjust(wide)}|" for one in ("a", *numbers))
    head, *body = rows
    return stdout("\n".join([rule, head, rule, *body, rule, ""]))


def picture(point: tuple[int, int] = (3, 3), size: tuple[int, int] = (20, 10)) -> str:
    image, made = Image.new("RGB", size, "white"), BytesIO()
    image.putpixel(point, (0, 0, 0))
    image.save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


def figure(drawn: str, *, y: list[float], whole: bool = True) -> dict[str, Any]:
    line = {"line": {"x": [0.0, 1.0], "y": y}}
    plotted = {"axes": [{"title": "t", "drawn": [line]}], "whole": whole}
    return {**display(png=drawn, plain="<Figure>"), "metadata": {"nbpromote": {"plotted": plotted}}}


def grouped(*rows: tuple[str, ...], total: bool = True) -> dict[str, Any]:
    """What pandas makes of a table with two levels of rows, as by `crosstab`: heads of two rows, cells of several."""
    named = "".join(f"<th>{one}</th>" for one in ("", "smoker", "No", "Yes", *(["All"] if total else [])))
    levels = "<th>time</th><th>day</th>" + "<th></th>" * (3 if total else 2)
    first, *others = ("".join(f"<td>{one}</td>" for one in row) for row in rows)
    body = f"<tr><th rowspan='{len(rows)}'>Lunch</th><th>Fri</th>{first}</tr>"
    body += "".join(f"<tr><th>Sat</th>{one}</tr>" for one in others)
    return display(html=f"<table><thead><tr>{named}</tr><tr>{levels}</tr></thead><tbody>{body}</tbody></table>")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (stdout("total 0.3\n"), stdout("total 0.30000000000000004\n")),
        (frame(("a", 0.3), ("b", 2)), frame(("a", 0.30000000000000004), ("b", 2))),
        (printed("0.3"), printed("0.30000000000000004")),
        ([stdout("a"), display(plain="b")], [display(plain="b"), stdout("a")]),
        (figure(picture((3, 3)), y=[1.0, 2.0]), figure(picture((4, 3)), y=[1.0, 2.0])),
    ],
    ids=["text", "frame", "Spark's table", "order of kinds", "another font, the same data"],
)
def test_the_same_is_the_same(was: Any, now: Any) -> None:
    assert told(was, now) == ""


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (stdout("n 3\n"), stdout("n 4\n"), "stdout: - n 3\n+ n 4"),
        (
            stdout("a\nb\nc\nx 1.5\n"),
            stdout("a\nb\nc\nx 1.6\n"),
            "line 4\n- x 1.5\n+ x 1.6   (apart by 0.063 of the value)",
        ),
        (frame(("a", 1), ("b", 2)), frame(("a", 1), ("b", 3)), "text/html: row 2, column amount: is '3' and was '2'"),
        (frame(("a", 1), ("b", 2)), frame(("a", 1)), "1 rows instead of 2\n- 1 | b | 2"),
        (frame(("a", 1)), frame(("a", 1), columns=("name", "sum")), "column 'amount' is gone\ncolumn 'sum' is new"),
        (
            grouped(("1", "2", "3"), ("4", "5", "9")),
            grouped(("1", "2", "3"), ("4", "6", "9")),
            "text/html: row 2, column Yes: is '6' and was '5'",
        ),
        (
            grouped(("1", "2", "3"), ("4", "5", "9")),
            grouped(("1", "2"), ("4", "6"), total=False),
            "column 'All' is gone\nrow 2, column Yes: is '6' and was '5'",
        ),
        (printed("1", "2"), printed("2", "1"), "the same rows in another order"),
        (display(plain="1"), [], "text/plain: was shown, and is not any more"),
        (
            stdout("fine"),
            [stdout("fine"), {"output_type": "error", "ename": "KeyError", "evalue": "x"}],
            "error: is shown, and was not",
        ),
        (
            figure(picture(), y=[1.0, 2.0]),
            figure(picture(), y=[1.0, 2.001]),
            "what is plotted is another\naxes[0].drawn[0].line.y[1]: is 2.001 and was 2.0",
        ),
        (display(png=picture((3, 3))), display(png=picture((4, 3))), "another in 2 of its pixels (1 %)"),
        (
            figure(picture((3, 3)), y=[1.0], whole=False),
            figure(picture((4, 3)), y=[1.0], whole=False),
            "2 of its pixels",
        ),
        (display(png=picture()), display(png=picture(size=(30, 10))), "30 x 10 pixels large and was 20 x 10"),
        (
            display(**{"application/json": {"a": [1, True]}}),
            display(**{"application/json": {"a": [1, 1]}}),
            "a[1]: is 1 and was True",
        ),
    ],
)
def test_a_difference_is_told_where_it_is(was: Any, now: Any, said: str) -> None:
    assert said in told(was, now)


def test_a_difference_of_pictures_comes_with_a_picture_of_it() -> None:
    (one,) = compare([display(png=picture((3, 3)))], [display(png=picture((4, 3)))], Terms())
    drawn = Image.open(BytesIO(base64.b64decode(one.picture))).convert("RGB")
    red = {(x, y) for x in range(20) for y in range(10) if drawn.getpixel((x, y)) == (220, 0, 60)}
    assert red == {(3, 3), (4, 3)}


def test_what_a_case_allows_is_no_difference() -> None:
    assert told(display(png=picture((3, 3))), display(png=picture((4, 3))), Terms(pixels=0.01)) == ""
    assert told(stdout("1.0"), stdout("1.001"), Terms(tolerance=0.01)) == ""
    assert told(stdout("10"), stdout("11"), Terms(tolerance=1.0)) != "", "integers are exact"
    assert told(stdout("a"), stdout("b"), Terms(ignored=("stdout",))) == ""
    assert told(stdout("job 17"), stdout("job 18"), Terms(patterns=((r"job \d+", "job"),))) == ""


def plotly(y: float, ident: str) -> dict[str, Any]:
    spec = {"data": [{"type": "bar", "uid": ident, "y": {"dtype": "f8", "bdata": _packed(1.0, y)}}], "layout": {}}
    html = f'<div id="{ident}"></div><script>Plotly.newPlot("{ident}", [], {{}})</script>'
    return display(**{"application/vnd.plotly.v1+json": spec, "text/html": html})


def _packed(*numbers: float) -> str:
    import struct

    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def altair(value: int, ident: str) -> dict[str, Any]:
    spec = f'{{"data": {{"name": "data-{ident}"}}, "mark": "bar", "datasets": {{"data-{ident}": [{{"a": {value}}}]}}}}'
    html = (
        f'<div id="altair-viz-{ident}"></div><script>(function(spec, opt){{ vega }})({spec}, {{"mode": 1}});</script>'
    )
    return display(html=html, plain="alt.Chart(...)")


def test_charts_are_compared_by_their_data_and_not_by_their_ids() -> None:
    assert told(plotly(2.0, "aa"), plotly(2.0, "bb")) == ""
    assert told(plotly(2.0, "aa"), plotly(2.5, "bb")) == "chart: data[0].y.values[1]: is 2.5 and was 2.0"
    assert told(altair(1, "aa"), altair(1, "bb")) == ""
    assert told(altair(1, "aa"), altair(2, "bb")) == "chart: datasets.data 0[0].a: is 2 and was 1"
