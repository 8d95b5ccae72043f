"""Tells of each figure that matplotlib shows what it was drawn from, beside the picture."""

import math
from collections.abc import Callable, Iterable
from typing import Any

MIME = "application/vnd.nbpromote.plotted+json"
_MOST = 64  # numbers that are kept as they are; of more, what tells whether one of them is another
_TURN = 0.6180339887498949


def start() -> None:
    """From now on, figures bring this along when they are displayed."""
    from IPython.core.formatters import JSONFormatter
    from IPython.core.getipython import get_ipython

    class PlottedFormatter(JSONFormatter):
        format_type = MIME
        print_method = "_repr_nbpromote_plotted_"

        def pop(self, typ: Any, default: Any = None) -> Any:  # noqa: ARG002
            """Nothing: matplotlib's backend takes figures from every formatter when it chooses its own."""
            return default

    shell: Any = get_ipython()
    formatter: Any = PlottedFormatter(parent=shell.display_formatter)
    formatter.for_type_by_name("matplotlib.figure", "Figure", figure)
    shell.display_formatter.formatters[MIME] = formatter


def figure(drawn: Any) -> dict[str, Any] | None:
    """What a figure shows, axes by axes; `whole` when everything in it is told. None when it cannot be read."""
    try:
        found = [_axes(one) for one in drawn.axes]
        over = [{"text": one.get_text()} for one in drawn.texts]
    except Exception:
        return None
    is_whole = all(one.pop("whole") for one in found) and not (drawn.images or drawn.patches or drawn.lines)
    size = _numbers(drawn.get_size_inches())
    return {"axes": found, "size": size, "whole": is_whole, **({"texts": over} if over else {})}


def _axes(axes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": axes.get_title(),
        "x": {"label": axes.get_xlabel(), "scale": axes.get_xscale(), "limits": _numbers(axes.get_xlim())},
        "y": {"label": axes.get_ylabel(), "scale": axes.get_yscale(), "limits": _numbers(axes.get_ylim())},
    }
    is_whole = axes.name == "rectilinear" and not axes.tables
    artists = []
    for artist in axes.get_children():
        told = _artist(artist, axes)
        if told is None:
            is_whole = False
        elif told and artist.get_visible():
            artists.append(told)
    found["drawn"] = artists
    if (legend := axes.get_legend()) is not None:
        found["legend"] = [text.get_text() for text in legend.get_texts()]
    return {**found, "whole": is_whole}


def _artist(artist: Any, axes: Any) -> dict[str, Any] | None:
    """What an artist shows; empty for what belongs to the axes, None for what is not known."""
    names = {kind.__name__ for kind in type(artist).__mro__}
    if artist is axes.patch or names & {"Axis", "Spine", "Legend"}:
        return {}
    if "Text" in names:
        text = artist.get_text()
        own = artist not in {axes.title, axes._left_title, axes._right_title}
        return {"text": {"text": text, "at": _numbers(artist.get_position())}} if text and own else {}
    tell = next((tell for name, tell in _KINDS.items() if name in names), None)
    return None if tell is None else tell(artist)


def _line(artist: Any) -> dict[str, Any]:
    x, y = artist.get_data(orig=False)
    style = {"style": artist.get_linestyle(), "marker": str(artist.get_marker())}
    return {
        "line": {"x": _numbers(x), "y": _numbers(y), "color": _color(artist.get_color()), **style, **_label(artist)}
    }


def _bar(artist: Any) -> dict[str, Any]:
    box = (*artist.get_xy(), artist.get_width(), artist.get_height())
    return {"bar": {"box": _numbers(box), "color": _color(artist.get_facecolor()), **_label(artist)}}


def _patch(artist: Any) -> dict[str, Any]:
    return {"patch": {"path": _numbers(artist.get_path().vertices), "color": _color(artist.get_facecolor())}}


def _grid(artist: Any) -> dict[str, Any]:
    limits = _numbers(artist.get_clim())
    return {"grid": {"values": _numbers(artist.get_array()), "map": artist.get_cmap().name, "limits": limits}}


def _collection(artist: Any) -> dict[str, Any]:
    values = artist.get_array()
    paths = [number for path in artist.get_paths() for number in _flat(path.vertices)]
    found = {"points": _numbers(artist.get_offsets()), "paths": _numbers(paths), **_label(artist)}
    found["colors"] = _numbers(artist.get_facecolor())
    return {"collection": {**found, **({} if values is None else {"values": _numbers(values)})}}


# By the classes of matplotlib, the more special first.
_KINDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Line2D": _line,
    "Rectangle": _bar,
    "Patch": _patch,
    "QuadMesh": _grid,
    "AxesImage": _grid,
    "Collection": _collection,
}


def _label(artist: Any) -> dict[str, str]:
    label = str(artist.get_label())
    return {} if label.startswith("_") else {"label": label}


def _color(color: Any) -> str:
    from matplotlib.colors import to_hex

    return str(to_hex(color, keep_alpha=True))


def _flat(values: Any) -> Iterable[float | None]:
    import numpy

    made: Any = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan).ravel()
    return (None if math.isnan(one) else one for one in made.tolist())


def _numbers(values: Any) -> Any:
    """A few numbers as they are; of many their count, sum, ends, and a sum that tells their places."""
    found = list(_flat(values))
    if len(found) <= _MOST:
        largest = max((abs(one) for one in found if one is not None and math.isfinite(one)), default=0.0)
        return [_plain(one, largest) for one in found]
    known = [(place, one) for place, one in enumerate(found) if one is not None and math.isfinite(one)]
    if not known:
        return {"count": len(found), "finite": 0}
    return {
        "count": len(found),
        "finite": len(known),
        "sum": math.fsum(one for _, one in known),
        "least": min(one for _, one in known),
        "greatest": max(one for _, one in known),
        "linked": math.fsum(one * ((place + 1) * _TURN % 1.0) for place, one in known),
    }


def _plain(number: float | None, largest: float) -> Any:
    if number is None or math.isfinite(number):
        return 0.0 if number is not None and abs(number) < 1e-12 * largest else number
    return str(number)
