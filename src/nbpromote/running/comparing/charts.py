"""Plotly's and Altair's charts, as what they draw: their data and what is said of it, without random ids."""

import base64
import binascii
import json
import re
import struct
from collections.abc import Mapping

PLOTLY = "application/vnd.plotly.v1+json"
_VEGA = ("application/vnd.vegalite.", "application/vnd.vega.")
_TYPED = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d", "i8": "q", "u8": "Q"}
_NOISE = {"uid"}
_NEW_PLOT = re.compile(r"Plotly\.(?:newPlot|react)\(\s*")
_VEGA_CALL = re.compile(r"\}\)\(\s*(?=\{)|\b(?:const|var|let)\s+spec\s*=\s*(?=\{)")


def chart_in(bundle: Mapping[str, object]) -> object | None:
    """What is drawn by the chart of this MIME bundle; None when there is none."""
    for mime, value in bundle.items():
        if mime == PLOTLY or mime.startswith(_VEGA):
            return _plain(value)
    html = bundle.get("text/html")
    return _in_html("".join(html) if isinstance(html, list) else html) if isinstance(html, str | list) else None


def _in_html(html: str) -> object | None:
    decoder = json.JSONDecoder()
    if found := _NEW_PLOT.search(html):
        try:
            _, end = decoder.raw_decode(html, found.end())  # the id of its place
            parts = []
            for _ in range(2):
                end = re.compile(r"[\s,]*").match(html, end).end()  # type: ignore[union-attr]
                part, end = decoder.raw_decode(html, end)
                parts.append(part)
        except ValueError:
            return None
        return _plain({"data": parts[0], "layout": parts[1]})
    if "vega" in html and (found := _VEGA_CALL.search(html)):
        try:
            return _plain(decoder.raw_decode(html, found.end())[0])
        except ValueError:
            return None
    return None


def _plain(value: object) -> object:
    """Without ids, typed arrays as lists, and Altair's data sets by their order instead of by their hashes."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("bdata"), str) and (kind := _TYPED.get(str(value.get("dtype")))):
        return _typed(value, kind)
    sets = value.get("datasets")
    if isinstance(sets, Mapping):
        return {**_named(value, {str(name): f"data {place}" for place, name in enumerate(sets)})}
    return {str(key): _plain(one) for key, one in value.items() if key not in _NOISE}


def _typed(value: Mapping[str, object], kind: str) -> dict[str, object]:
    """The numbers of an array that Plotly wrote as bytes."""
    try:
        content = base64.b64decode(str(value["bdata"]))
        numbers = struct.unpack(f"<{len(content) // struct.calcsize(kind)}{kind}", content)
    except (binascii.Error, struct.error):
        return dict(value)
    return {"values": list(numbers), "shape": str(value.get("shape", ""))}


def _named(value: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    def renamed(part: object) -> object:
        if isinstance(part, str):
            return names.get(part, part)
        if isinstance(part, list):
            return [renamed(one) for one in part]
        if isinstance(part, Mapping):
            return {names.get(str(key), str(key)): renamed(one) for key, one in part.items()}
        return part

    found = renamed({key: one for key, one in value.items() if key != "datasets"})
    assert isinstance(found, dict)
    sets = value["datasets"]
    assert isinstance(sets, Mapping)
    return {**found, "datasets": {names[str(key)]: one for key, one in sets.items()}}
