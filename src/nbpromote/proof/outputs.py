"""What a cell showed, in two runs of it."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from nbpromote.proof.pages import without_random_ids
from nbpromote.proof.tables import distance
from nbpromote.proof.terms import OTHER_ORDER, Terms

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
    (re.compile(r"(anim\w*?)[0-9a-f]{32}"), r"\1ID"),  # matplotlib's animations
    (re.compile(r"\b([A-Z]\w*)_[0-9a-f]{12}\b"), r"\1_ID"),  # what Spark's estimators and models are called
    (re.compile(r"\b(sk-(?:container|estimator)-id)-\d+"), r"\1"),  # scikit-learn numbers what it shows
    (re.compile(r"\bcommonlib\.[a-z_]\w*\b"), "__main__"),  # where a function or a class lives by now
    (re.compile(r"\bT_[0-9a-f]{5}(?=[_ \"'])"), "T_ID"),  # pandas' styled tables
    (re.compile(r"(?<=[A-Za-z_)])#\d+L?\b"), "#ID"),  # Spark's expressions
    (re.compile(r"\[plan_id=\d+\]|\b(?:splits|numPartitions)=\d+"), "N"),  # its plans, and how they cut the data
    (re.compile(r"(\b(?:hash|range)partitioning\([^\n]*, )\d+(?=\), )|(\bRoundRobinPartitioning\()\d+"), r"\1\2N"),
    (re.compile(r"(\b\w*RDD)\[\d+\](?= at )"), r"\1[N]"),
    (re.compile(r"[^\s\"'(<]*\bipykernel_\d+/\d+\.py(?::\d+)?"), "CELL"),  # where a cell lies while it runs
    (
        re.compile(r"\blocal\[(?:\d+|\*)\]|\blocal-\d{13}\b|\bhttps?://[\w.-]+:40[4-9]\d\b"),
        "local",
    ),  # a session, and its page
)
_CLOCK = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.DOTALL)
_ROWS = re.compile(r"(?=<tr\b)|(?<=</tr>)")
_ROW_NUMBER = re.compile(r"^\s*\d+(?=\s)|<th>\d+</th>")
_RECEIPT = "application/vnd.commonlib.receipt+json"
# Widgets' model ids are random; what a picture was drawn from is for references.
_UNSEEN = frozenset({"application/vnd.jupyter.widget-view+json", "application/vnd.nbpromote.plotted+json"})
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

Shown = Mapping[str, str]


def shown(outputs: Sequence[object]) -> tuple[Shown, ...]:
    """What people see of nbformat's outputs: MIME bundles, with stdout and what the run exits with as text, and without
    other receipts and stderr."""
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
            receipt = data.get(_RECEIPT) if isinstance(data, Mapping) else None
            if isinstance(receipt, Mapping) and receipt.get("kind") == "exit":
                details = receipt.get("details")
                if isinstance(details, Mapping) and details.get("value") is not None:
                    bundles.append({"text/plain": str(details["value"])})
            elif isinstance(data, Mapping) and receipt is None:
                bundles.append({str(mime): _joined(value) for mime, value in data.items() if mime not in _UNSEEN})
    return tuple(bundles)


def difference(left: Sequence[Shown], right: Sequence[Shown], terms: Terms) -> str | None:
    """What is different in what was shown the second time, or None; `OTHER_ORDER` where only the rows' order is.

    Durations, addresses and random ids are no difference; times of `terms.today` and its neighbours neither.
    """
    if len(left) != len(right):
        return f"{len(right)} outputs instead of {len(left)}"
    is_reordered = False
    for was, now in zip(left, right, strict=True):
        for mime in sorted(was.keys() | now.keys()):
            if mime.startswith("text/") and any(picture in was for picture in _PICTURES):
                continue  # `<Figure size ...>` beside a picture says nothing
            if mime not in was or mime not in now:
                return f"{mime} is {'gone' if mime in was else 'new'}"
            if mime in _PICTURES:
                apart = _picture_difference(mime, was[mime], now[mime])
                if apart is not None:
                    return apart
            else:
                before, after = was[mime], now[mime]
                if mime == "text/html":
                    before, after = without_random_ids(before), without_random_ids(after)
                before, after = _masked(before, terms.today), _masked(after, terms.today)
                if not is_same_text(before, after, terms.tolerance):
                    if not (terms.is_any_order and is_same_bag(before, after)):
                        return _text_difference(mime, before, after)
                    is_reordered = True
    return OTHER_ORDER if is_reordered else None


def has_content(found: Sequence[Shown]) -> bool:
    """Whether more is shown than what kind of thing it is, as `<Figure size 640x480 with 0 Axes>` and `[]` do not."""
    return any(
        (_KIND_ONLY.sub("", _masked(text, None)) if mime in {"stdout", "text/plain"} else text).strip(_NOTHING)
        for bundle in found
        for mime, text in bundle.items()
    )


_KIND_ONLY = re.compile(r"<[^<>\n]*\b0x(?=[> ])[^<>\n]*>|<Figure size [^<>\n]*>|\b(?:set|dict|array)(?=\()")
_NOTHING = " \t\r\n[](){},"


def encoded(mime: str, picture: bytes) -> str:
    """A picture as notebooks keep it: SVG as text, others in base64."""
    return picture.decode(errors="replace") if mime == "image/svg+xml" else base64.b64encode(picture).decode()


def _joined(value: object) -> str:
    if isinstance(value, str):
        return value
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _picture_difference(mime: str, was: str, now: str) -> str | None:
    """How much of a picture is another, in words, or None."""
    if was.strip() == now.strip():
        return None
    if mime == "image/svg+xml":
        ids = re.compile(r'(id="|#|href="#)[\w.-]+|<dc:date>.*?</dc:date>')
        before, after = ids.sub("", was), ids.sub("", now)
        return None if before == after else "the picture is another"
    from io import BytesIO

    from PIL import Image, ImageChops

    try:
        pictures = [Image.open(BytesIO(base64.b64decode(one))).convert("RGBA") for one in (was, now)]
    except (OSError, ValueError):
        return "the picture is another"
    sizes = [f"{one.size[0]} x {one.size[1]}" for one in pictures]
    if sizes[0] != sizes[1]:
        return f"the picture is {sizes[1]} pixels large and was {sizes[0]}"
    apart = ImageChops.difference(*pictures)
    if apart.getbbox(alpha_only=False) is None:
        return None
    bands = iter(apart.split())
    most = next(bands)
    for band in bands:
        most = ImageChops.lighter(most, band)
    count = sum(most.histogram()[1:])
    share = 100 * count / (most.size[0] * most.size[1])
    return f"the picture is another in {count:,} of its pixels ({share:.2g} %)"


def is_same_text(was: str, now: str, tolerance: float) -> bool:
    """Whether two texts are the same up to noise in their decimal numbers."""
    if was == now:
        return True
    if _NUMBER.sub("#", _narrow(was)) != _NUMBER.sub("#", _narrow(now)):
        return False
    pairs = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    return all(distance(float(a), float(b)) <= tolerance for a, b in pairs)


def _narrow(text: str) -> str:
    """The text with the tables of `show()` as narrow as can be: their width hangs on the last digits of floats."""
    return _RULE.sub("-", _BARS.sub("|", text)) if "|" in text else text


_BARS, _RULE = re.compile(r" *\| *"), re.compile(r"-{2,}")


def is_same_bag(was: str, now: str) -> bool:
    """Whether two texts have the same lines, or rows of an HTML table, in whatever order. Row numbers do not count."""
    return _bag(was) == _bag(now)


def _bag(text: str) -> list[str]:
    parts = _ROWS.split(text) if "<tr" in text else _items(text) or _narrow(text).splitlines()
    rows = (" ".join(_ROW_NUMBER.sub("", part).split()) for part in parts)
    return sorted(_NUMBER.sub(lambda found: f"{float(found[0]):.8g}", row) for row in rows)


def _items(text: str) -> list[str]:
    """The items of a list as Python shows it, such as what `collect()` gives; none when it is something else."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return []
    items, depth, begin = [], 0, 1
    for found in _MARKS.finditer(text, 1, len(text) - 1):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth < 0:
            return []
        if found[0] == "," and not depth:
            items.append(text[begin : found.start()])
            begin = found.end()
    return [*items, text[begin:-1]]


_MARKS = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[()\[\]{},]""")


def _masked(text: str, today: date | None) -> str:
    """The text without noise."""
    if today is not None:
        days = {(today + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1)}
        text = _CLOCK.sub(lambda found: "NOW" if found[1] in days else found[0], text)
    for pattern, word in _NOISE:
        text = pattern.sub(word, text)
    return text.strip()


def _text_difference(mime: str, was: str, now: str) -> str:
    if mime == "text/html":
        return first_line_apart(*(re.sub(r"\n\s*\n+", "\n", _TAG.sub("", one)) for one in (was, now)))
    return first_line_apart(was, now)


def first_line_apart(was: str, now: str) -> str:
    """The first line in which two texts differ, in words."""
    before, after = was.splitlines(), now.splitlines()
    for left, right in zip(before, after, strict=False):
        if left.split() != right.split():
            return f"shows {_short(right)} where it showed {_short(left)}{_how_far(was, now)}"
    if len(before) == len(after):
        return "shows the same words in another layout"
    return f"shows {len(after)} lines and showed {len(before)}"


def _how_far(was: str, now: str) -> str:
    """How far numbers are apart, where nothing else is another."""
    if _NUMBER.sub("#", was) != _NUMBER.sub("#", now):
        return ""
    pairs = zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=True)
    worst = max((distance(float(a), float(b)) for a, b in pairs), default=0.0)
    return f" (furthest apart: {worst:.2g})"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else text[:77] + "...")
