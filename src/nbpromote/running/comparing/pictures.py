"""Pictures, by their pixels."""

import base64
import re
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

KINDS = ("image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp")
_SVG_NOISE = re.compile(r'(id="|#|href="#)[\w.-]+|<dc:date>.*?</dc:date>|<!--.*?-->', re.DOTALL)


def difference(mime: str, was: str, now: str, pixels: float) -> tuple[str, str] | None:
    """What differs in words, with a picture of it (base64 PNG, empty when it cannot be drawn); None if nothing does.

    Args:
        pixels: the share of pixels that may be others.
    """
    if was.strip() == now.strip():
        return None
    if mime == "image/svg+xml":
        same = _SVG_NOISE.sub("", was) == _SVG_NOISE.sub("", now)
        return None if same else ("the drawing is another", "")
    from PIL import Image

    try:
        before, after = (Image.open(BytesIO(base64.b64decode(one))).convert("RGBA") for one in (was, now))
    except (OSError, ValueError):
        return "the picture is another, and cannot be read", ""
    return _pixels_apart(before, after, pixels)


def _pixels_apart(before: "Image.Image", after: "Image.Image", pixels: float) -> tuple[str, str] | None:
    from PIL import Image, ImageChops

    sizes = [f"{one.size[0]} x {one.size[1]}" for one in (after, before)]
    if before.size != after.size:
        width, height = (max(pair) for pair in zip(before.size, after.size, strict=True))
        before, after = (_padded(one, (width, height)) for one in (before, after))
    apart = ImageChops.difference(before, after)
    if apart.getbbox(alpha_only=False) is None:
        return None
    most, *bands = apart.split()
    for band in bands:
        most = ImageChops.lighter(most, band)
    count = sum(most.histogram()[1:])
    share = count / (most.size[0] * most.size[1])
    if share <= pixels and sizes[0] == sizes[1]:
        return None
    faded = Image.blend(after.convert("RGB"), Image.new("RGB", after.size, "white"), 0.8)
    faded.paste((220, 0, 60), mask=most.point([0] + [255] * 255))
    drawn = BytesIO()
    faded.save(drawn, "PNG", optimize=True)
    box = most.getbbox()
    where = f", within {box[0]}, {box[1]} to {box[2]}, {box[3]}" if box else ""
    if sizes[0] != sizes[1]:
        told = f"the picture is {sizes[0]} pixels large and was {sizes[1]}"
        return told, base64.b64encode(drawn.getvalue()).decode()
    told = f"the picture is another in {count:,} of its pixels ({100 * share:.2g} %){where}"
    return told, base64.b64encode(drawn.getvalue()).decode()


def _padded(image: "Image.Image", size: tuple[int, int]) -> "Image.Image":
    from PIL import Image

    padded = Image.new("RGBA", size, (0, 0, 0, 0))
    padded.paste(image, (0, 0))
    return padded
