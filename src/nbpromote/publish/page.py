"""A run as a page to look at, and all runs as one: self-contained HTML that runs no script and loads nothing.

What comes from a notebook is escaped, or, where it is HTML by intent, cleaned (`body`); a content security policy
stands behind both.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Protocol

from nbpromote.publish import body
from nbpromote.publish.rendering import environment
from nbpromote.publish.sizes import bytes_text, seconds_text
from nbpromote.publish.told import Told

SHOWN_CELLS = 12
SHOWN_CHANGES = 30
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Run(Told, Protocol):
    """What a page shows of a run: `nbpromote.running.record.Record` fits."""

    @property
    def duration(self) -> float | None: ...
    @property
    def given(self) -> Sequence[str]: ...
    @property
    def cells(self) -> Sequence[Any]: ...
    @property
    def spark(self) -> Mapping[str, str]: ...
    @property
    def exit_value(self) -> object: ...
    @property
    def batch(self) -> str: ...
    @property
    def rerun_of(self) -> str: ...


def render_run(
    run: Run,
    notebook: Any | None,
    *,
    version: str = "",
    changes: Sequence[Any] = (),
    against: str = "",
    home: str = "",
) -> str:
    """The page of one run.

    Args:
        notebook: the executed notebook as nbformat's node; None when there is none to show.
        version: the tool's, for the last line.
        changes: what differs from the run `against`, the last good one before, if there is one.
        home: where the page of all runs is, seen from this one.
    """
    from markupsafe import Markup

    timed = sorted((cell for cell in run.cells if cell.seconds is not None), key=lambda cell: -cell.seconds)
    slowest = [
        {
            "number": cell.number,
            "status": cell.status.value,
            "seconds": cell.seconds,
            "peak_memory": cell.peak_memory,
            "share": round(100 * cell.seconds / max(timed[0].seconds, 1e-9), 1),
        }
        for cell in timed[:SHOWN_CELLS]
    ]
    rest = len(run.cells) - len(slowest)
    return render(
        "run.html.j2",
        run=run,
        slowest=slowest,
        shown_of=f"The slowest of {len(run.cells)} cells; {rest} more." if rest else "",
        notebook=Markup(body.render(notebook)) if notebook is not None else "",
        changes=changes[:SHOWN_CHANGES],
        more_changes=max(len(changes) - SHOWN_CHANGES, 0),
        against=against,
        home=home,
        version=version,
    )


def render_index(runs: Sequence[Run], *, version: str = "") -> str:
    """The page of all runs, newest first; it links to `<run id>/page.html`."""
    counts = Counter(run.status for run in runs).most_common()
    return render("index.html.j2", runs=runs, counts=counts, version=version)


def tone(status: str) -> str:
    """Whether a status is good, bad, or to be waited for."""
    if status in {"done", "exited early"}:
        return "good"
    return "wait" if status in {"running", "interrupted", "lost"} else "bad"


def render(name: str, **values: object) -> str:
    """A page of this template, with the style and the filters that all pages have."""
    templates = environment()
    templates.filters |= {
        "tone": tone,
        "seconds": seconds_text,
        "bytes": bytes_text,
        "moment": lambda text: f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC",
        "count": lambda number: f"{number:,}",
        "literal": lambda value: json.dumps(value, ensure_ascii=False, default=str),
        "plain": lambda text: _ANSI.sub("", text),
    }
    text: str = templates.get_template(name).render(style=_style(), **values)
    return text


def prepare() -> None:
    """Make what every page needs: import it, and compile what it compiles."""
    body.prepare()
    render_index(())
    environment().get_template("run.html.j2")


@cache
def _style() -> Any:
    from markupsafe import Markup
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    own = resources.files("nbpromote.publish").joinpath("templates/style.css").read_text(encoding="utf-8")
    light = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    dark = HtmlFormatter(style="nord").get_style_defs(".highlight")
    ground = ".notebook .highlight { background: var(--panel); }"
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{own}\n{ground}")
