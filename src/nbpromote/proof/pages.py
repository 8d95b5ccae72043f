"""A page of HTML, whatever its parts happen to be called."""

import re

_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
# Plotly, Bokeh, folium and Vega draw these anew for each page.
_RANDOM = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])", re.IGNORECASE
)


def without_random_ids(page: str) -> str:
    """The page with random ids in its tags and scripts numbered in their order; what people read stays as it is."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"ID-{numbers.setdefault(found[0], len(numbers))}"

    return _MARKUP.sub(lambda markup: _RANDOM.sub(numbered, markup[0]), page)
