"""The outputs of one cell, in nbformat's form and without noise, against its reference's.

As nbval has it, outputs of one kind are compared in their order, and those of different kinds in any.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbpromote.running.comparing import charts, pictures, structures, tables, texts
from nbpromote.running.comparing.difference import Difference, Terms

PLOTTED = "plotted"  # in an output's metadata, under "nbpromote": what a picture was drawn from
RENDERED = ("text/plain", "text/html", "image/png", "image/svg+xml", "image/jpeg", "text/latex", "text/markdown")
CHART = "chart"
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def compare(
    reference: Sequence[Mapping[str, Any]], computed: Sequence[Mapping[str, Any]], terms: Terms
) -> tuple[Difference, ...]:
    """What a cell shows otherwise than its reference; nothing when it shows the same."""
    was, now = _by_kind(reference, terms), _by_kind(computed, terms)
    found = []
    for kind in [*was, *(one for one in now if one not in was)]:
        before, after = was.get(kind, []), now.get(kind, [])
        if len(before) != len(after):
            found.append(_number(kind, before, after))
        else:
            pairs = zip(before, after, strict=True)
            found += [one for pair in pairs if (one := _one(kind, *pair, terms)) is not None]
    telling = {one.what for one in found} - {"text/plain"}
    if telling & {"text/html", CHART, *pictures.KINDS}:
        found = [one for one in found if one.what != "text/plain"]  # it says the same again
    return tuple(found)


Part = tuple[Any, Any]  # the value, and what its picture was drawn from


def _by_kind(outputs: Sequence[Mapping[str, Any]], terms: Terms) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for kind, value, plotted in _parts(outputs):
        if kind not in terms.ignored:
            found.setdefault(kind, []).append((value, plotted))
    return found


def _parts(outputs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    for output in outputs:
        if output["output_type"] == "stream":
            yield output["name"], _text(output["text"]), None
        elif output["output_type"] == "error":
            yield "error", f"{output['ename']}: {output['evalue']}", None
        else:
            data = output["data"]
            chart = charts.chart_in(data)
            plotted = output.get("metadata", {}).get("nbpromote", {}).get(PLOTTED)
            if chart is not None:
                yield CHART, chart, None
            for mime, value in data.items():
                is_its = chart is not None and (mime in RENDERED or mime == charts.PLOTLY or "vega" in mime)
                if not is_its and not (mime == "text/plain" and any(one in data for one in pictures.KINDS)):
                    yield mime, value, plotted if mime in pictures.KINDS else None


def _one(kind: str, was: Part, now: Part, terms: Terms) -> Difference | None:
    if kind in pictures.KINDS:
        return _picture(kind, was, now, terms)
    before, after = was[0], now[0]
    if kind == CHART or not (_is_text(before) and _is_text(after)):
        told = structures.difference(before, after, terms)
        return None if told is None else Difference(kind, told)
    before, after = terms.clean(_text(before)), terms.clean(_text(after))
    if kind != "text/html":
        told = texts.difference(before, after, terms)
    elif told := _html(before, after, terms):
        before, after = tables.laid_out(before), tables.laid_out(after)
    return None if told is None else Difference(kind, told, before, after)


def _picture(kind: str, was: Part, now: Part, terms: Terms) -> Difference | None:
    before, after = _text(was[0]), _text(now[0])
    if was[1] is not None and now[1] is not None:
        told = structures.difference(was[1], now[1], terms)
        if told is not None:
            drawn = pictures.difference(kind, before, after, 0.0)
            return Difference(kind, f"what is plotted is another\n{told}", before, after, drawn[1] if drawn else "")
        if was[1].get("whole"):
            return None  # the same data, drawn with another font perhaps
    apart = pictures.difference(kind, before, after, terms.pixels)
    return None if apart is None else Difference(kind, apart[0], before, after, apart[1])


def _html(was: str, now: str, terms: Terms) -> str | None:
    if terms.is_same(was, now):
        return None
    (before, around), (after, around_now) = tables.in_html(was), tables.in_html(now)
    if len(before) == len(after) and (before or around or around_now):
        found = [tables.difference(one, other, terms) for one, other in zip(before, after, strict=True)]
        if not terms.is_same(around, around_now):
            found.append(texts.difference(around, around_now, terms))
        if not terms.is_same(*(" ".join(_STYLE.findall(one)) for one in (was, now))):
            found.append("the styling is another")
        if told := [one for one in found if one]:
            return "\n".join(told)
        if before:
            return None  # the same cells in another layout, which follows widths and settings
    return texts.difference(was, now, terms)


def _number(kind: str, before: Sequence[Part], after: Sequence[Part]) -> Difference:
    if not after:
        told = "was shown, and is not any more"
    elif not before:
        told = "is shown, and was not"
    else:
        told = f"{len(after)} outputs instead of {len(before)}"
    shown = ["\n".join(_text(one) for one, _ in side if _is_text(one)) for side in (before, after)]
    if kind in pictures.KINDS:
        shown = [_text(side[0][0]) if side else "" for side in (before, after)]
    return Difference(kind, told, *shown)


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(map(str, value))
