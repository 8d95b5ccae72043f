"""What a cell showed, in two runs of it."""

import base64
import re
from collections.abc import Mapping, Sequence

from nbpromote.proof.tables import distance

_NOISE = (
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x"),
    (re.compile(r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s)\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?"), "NOW"),
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?")
_RECEIPT = "application/vnd.commonlib.receipt+json"
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

Shown = Mapping[str, str]


def shown(outputs: Sequence[object]) -> tuple[Shown, ...]:
    """What people see of nbformat's outputs: MIME bundles, with stdout as text and without receipts and stderr."""
    bundles: list[dict[str, str]] = []
    for output in outputs:
        if not isinstance(output, Mapping):
            continue
        if output.get("output_type") == "stream":
            if output.get("name") == "stdout":
                text = _joined(output.get("text", ""))
                if bundles and bundles[-1].keys() == {"stdout"}:
                    bundles[-1]["stdout"] += text
                else:
                    bundles.append({"stdout": text})
        elif output.get("output_type") in {"display_data", "execute_result"}:
            data = output.get("data", {})
            if isinstance(data, Mapping) and _RECEIPT not in data:
                bundles.append({str(mime): _joined(value) for mime, value in data.items()})
    return tuple(bundles)


def difference(left: Sequence[Shown], right: Sequence[Shown], tolerance: float) -> str | None:
    """What is different in what was shown the second time, or None."""
    if len(left) != len(right):
        return f"{len(right)} outputs instead of {len(left)}"
    for was, now in zip(left, right, strict=True):
        for mime in was.keys() | now.keys():
            if mime.startswith("text/") and any(picture in was for picture in _PICTURES):
                continue  # `<Figure size ...>` beside a picture says nothing
            if mime not in was or mime not in now:
                return f"{mime} is {'gone' if mime in was else 'new'}"
            if mime in _PICTURES:
                if not _is_same_picture(mime, was[mime], now[mime]):
                    return "the picture is another"
            elif not _is_same_text(was[mime], now[mime], tolerance):
                return _first_line_apart(was[mime], now[mime])
    return None


def _joined(value: object) -> str:
    if isinstance(value, str):
        return value
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _is_same_picture(mime: str, was: str, now: str) -> bool:
    if was.strip() == now.strip():
        return True
    if mime == "image/svg+xml":
        ids = re.compile(r'(id="|#|href="#)[\w.-]+|<dc:date>.*?</dc:date>')
        return ids.sub("", was) == ids.sub("", now)
    from io import BytesIO

    from PIL import Image, ImageChops

    pictures = [Image.open(BytesIO(base64.b64decode(one))).convert("RGBA") for one in (was, now)]
    return pictures[0].size == pictures[1].size and ImageChops.difference(*pictures).getbbox() is None


def _is_same_text(was: str, now: str, tolerance: float) -> bool:
    was, now = _masked(was), _masked(now)
    if was == now:
        return True
    if _NUMBER.sub("#", was) != _NUMBER.sub("#", now):
        return False
    pairs = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(distance(float(a), float(b)) <= tolerance for a, b in pairs)


def _masked(text: str) -> str:
    for pattern, word in _NOISE:
        text = pattern.sub(word, text)
    return text.strip()


def _first_line_apart(was: str, now: str) -> str:
    for left, right in zip(_masked(was).splitlines(), _masked(now).splitlines(), strict=False):
        if left != right:
            return f"shows {_short(right)} where it showed {_short(left)}"
    return "shows more or fewer lines"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else text[:77] + "...")
