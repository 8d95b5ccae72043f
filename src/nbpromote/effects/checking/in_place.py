"""Production notebooks in R: they come of no promotion, so that what one would refuse is not told of them."""

from pathlib import Path

from nbpromote.effects.files.repository import BadConfiguration, find

_OF_R = {".r", ".rmd"}


def may_be_in_place(data: bytes | None, path: Path) -> bool:
    """Whether a notebook with this content is a production notebook that may be in R, without reading it."""
    suffix = path.suffix.lower()
    if suffix not in _OF_R and not (suffix == ".ipynb" and b'"R"' in (data or b"")):
        return False
    try:
        return find(path).is_production(path)
    except BadConfiguration:  # told elsewhere
        return False
