"""What a cell showed, in two runs of it."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from nbpromote.proof.tables import distance

_NOISE = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"^(?:\s*CPU times:.*|\s*Wall time:.*|.*\d+%\|.*\|.*)(?:\n|\Z)", re.MULTILINE), ""),  # %%time, tqdm
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x"),
    (
        re.compile(
            r"(\b(?:took|in|after|elapsed:?|duration:?|time:?) )\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|seconds|min)\b"
        ),
        r"\1T",
    ),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "UUID"),
    (re.compile(r"(anim_?[a-z_]*)[0-9a-f]{32}"), r"\1ID"),  # matplotlib's animations
    (re.compile(r"\bT_[0-9a-f]{5}(?=[_ \"'])"), "T_ID"),  # pandas' styled tables
    (re.compile(r"(?<=[A-Za-z_)])#\d+L?\b"), "#ID"),  # Spark's expressions
)
_CLOCK = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?")
_RECEIPT = "application/vnd.commonlib.receipt+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"  # its model ids are random
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
                bundles.append({str(mime): _joined(value) for mime, value in data.items() if mime != _WIDGET})
    return tuple(bundles)


def difference(
    left: Sequence[Shown], right: Sequence[Shown], tolerance: float, *, today: date | None = None
) -> str | None:
    """What is different in what was shown the second time, or None.

    Durations, addresses and random ids are no difference; with `today`, times of that day and its neighbours neither.
    """
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
            else:
                before, after = _masked(was[mime], today), _masked(now[mime], today)
                if not is_same_text(before, after, tolerance):
                    return first_line_apart(before, after)
    return None


def encoded(mime: str, picture: bytes) -> str:
    """A picture as notebooks keep it: SVG as text, others in base64."""
    return picture.decode(errors="replace") if mime == "image/svg+xml" else base64.b64encode(picture).decode()


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

    try:
        pictures = [Image.open(BytesIO(base64.b64decode(one))).convert("RGBA") for one in (was, now)]
    except (OSError, ValueError):
        return False
    return pictures[0].size == pictures[1].size and ImageChops.difference(*pictures).getbbox() is None


def is_same_text(was: str, now: str, tolerance: float) -> bool:
    """Whether two texts are the same up to noise in their decimal numbers."""
    if was == now:
        return True
    if _NUMBER.sub("#", was) != _NUMBER.sub("#", now):
        return False
    pairs = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(distance(float(a), float(b)) <= tolerance for a, b in pairs)


def _masked(text: str, today: date | None) -> str:
    """The text without noise."""
    if today is not None:
        days = {(today + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1)}
        text = _CLOCK.sub(lambda found: "NOW" if found[1] in days else found[0], text)
    for pattern, word in _NOISE:
        text = pattern.sub(word, text)
    return text.strip()


def first_line_apart(was: str, now: str) -> str:
    """The first line in which two texts differ, in words."""
    for left, right in zip(was.splitlines(), now.splitlines(), strict=False):
        if left != right:
            return f"shows {_short(right)} where it showed {_short(left)}"
    return "shows more or fewer lines"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else text[:77] + "...")
