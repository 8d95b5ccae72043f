"""An executed notebook as HTML that can do no harm: nbconvert's basic template, with everything active taken out."""

import base64
import copy
import logging
import re
import threading
from functools import cache
from typing import Any

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TEXT = {"p", "br", "hr", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small", "mark", "abbr", "q"}
_BLOCKS = {"div", "span", "pre", "code", "kbd", "samp", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "details"}
_TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "colgroup", "col"}
TAGS = frozenset({*_HEADINGS, *_TEXT, *_BLOCKS, *_TABLES, "summary", "a", "img", "figure", "figcaption"})
_ATTRIBUTES = {
    "class",
    "title",
    "alt",
    "colspan",
    "rowspan",
    "align",
    "width",
    "height",
    "start",
    "open",
    "lang",
    "dir",
}
# What these hold is no text for a reader. Cleaning comes after; this only keeps it from being shown.
_SILENT = re.compile(r"<(script|style|template|iframe|object|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_SILENT_LOG = logging.getLogger("nbpromote.publish")  # nbconvert's advice on pictures is not for who runs a notebook
_SILENT_LOG.addHandler(logging.NullHandler())
_SILENT_LOG.propagate = False
_MAGIC = re.compile(r"^\s*[%!]|\?\s*$", re.MULTILINE)
_ONE_AT_A_TIME = threading.Lock()  # an exporter keeps what it is about to render


def render(notebook: Any) -> str:
    """The cells of an executed notebook (nbformat's node) as HTML without scripts, styles, forms or foreign content."""
    with _ONE_AT_A_TIME:
        body, _ = _exporter().from_notebook_node(_pictured(notebook))
    return str(body)


def prepare() -> None:
    """Compile what rendering takes, by an example of what notebooks hold."""
    import nbformat.v4

    v4: Any = nbformat.v4
    shown = [
        v4.new_output("stream", text="1"),
        v4.new_output("display_data", data={"text/html": "<p>1</p>", "text/plain": "1"}),
        v4.new_output("error", ename="E", evalue="", traceback=["E"]),
    ]
    cells = [v4.new_markdown_cell("# A\n`b`"), v4.new_code_cell("a = 1  # b", outputs=shown)]
    for lexer in ("ipython3", "python3"):
        render(v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python", "pygments_lexer": lexer}}))


@cache  # with the templates that it has compiled, which takes longer than a page
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter

    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", sanitize_html=True, log=_SILENT_LOG, exclude_anchor_links=True
    )
    exporter.register_filter("clean_html", clean)
    return exporter


def clean(html: str) -> str:
    """HTML with what formats text, tables and pictures, and nothing else; no picture comes from outside."""
    import bleach  # type: ignore[import-untyped]

    text: str = bleach.clean(
        _SILENT.sub("", html),
        tags=TAGS,
        attributes=_is_allowed,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
        strip_comments=True,
    )
    return text


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.lower().startswith("data:image/")
    if tag == "a" and name == "href":
        return not value.lower().lstrip().startswith("data:")
    return name in _ATTRIBUTES


def _pictured(notebook: Any) -> Any:
    """The notebook with its SVG drawings as pictures, in which no script of theirs can run."""
    made = copy.deepcopy(notebook)
    language = made.metadata.get("language_info", {})
    sources = (cell.source for cell in made.cells if cell.cell_type == "code")
    if language.get("pygments_lexer") == "ipython3" and not any(map(_MAGIC.search, sources)):
        language["pygments_lexer"] = "python3"  # the same without magics, and no import of IPython
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/svg+xml" in data and "image/png" not in data:
                drawing = data.pop("image/svg+xml")
                text = drawing if isinstance(drawing, str) else "".join(drawing)
                encoded = base64.b64encode(text.encode()).decode()
                data["text/html"] = f'<img alt="drawing" src="data:image/svg+xml;base64,{encoded}">'
    return made
