"""The home page, and a page for each notebook: what failed first, runs over time, lineage, what waits for promotion."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from nbpromote.publish.page import Run, render, tone
from nbpromote.publish.site.charts import HEIGHT as CHART_HEIGHT
from nbpromote.publish.site.charts import WIDTH as CHART_WIDTH
from nbpromote.publish.site.charts import Chart, against_median, durations
from nbpromote.publish.site.lineage import HEIGHT, WIDTH, Node, lay_out

RECENT = 100
MANY = 300


@dataclass(frozen=True, slots=True)
class Waiting:
    """An ad-hoc notebook: how far it is from production, in words, and whether something blocks it."""

    path: str
    distance: str
    is_blocked: bool
    is_promoted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one notebook, newest first, with their chart."""

    notebook: str
    runs: tuple[Run, ...]
    chart: Chart

    @property
    def last(self) -> Run:
        return self.runs[0]

    @property
    def page(self) -> str:
        return notebook_page(self.notebook)

    @property
    def remark(self) -> str:
        return against_median(self.last, self.chart)

    @property
    def failing_since(self) -> Run | None:
        """The first of the runs that have failed since one last went well; None when the last did."""
        bad = []
        for run in self.runs:
            if tone(run.status) == "good":
                break
            if tone(run.status) == "bad" or run.status == "lost":
                bad.append(run)
        return bad[-1] if bad else None


def notebook_page(notebook: str) -> str:
    """The file of a notebook's page: readable, and one for each path."""
    words = re.sub(r"[^A-Za-z0-9_-]+", "-", notebook).strip("-")[-60:]
    return f"notebooks/{words}-{sha256(notebook.encode()).hexdigest()[:6]}.html"


def group(runs: Sequence[Run]) -> tuple[Group, ...]:
    """The runs by notebook: those that fail now first, then by the newest run."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.notebook, []).append(run)
    groups = [Group(notebook, tuple(own), durations(own)) for notebook, own in found.items()]
    return tuple(sorted(groups, key=lambda one: one.failing_since is None))


def render_home(
    runs: Sequence[Run], waiting: Sequence[Waiting], pages: frozenset[str], *, title: str, version: str = ""
) -> str:
    """The home page.

    Args:
        runs: newest first.
        pages: the names of runs that have a page.
    """
    groups = group(runs)
    return render(
        "site_home.html.j2",
        title=title,
        groups=groups,
        failing=[one for one in groups if one.failing_since is not None],
        runs=runs[:RECENT],
        total=len(runs),
        picture=_picture(groups),
        node_width=WIDTH,
        node_height=HEIGHT,
        waiting=waiting,
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        pages=pages,
        up="",
        version=version,
    )


def render_notebook(one: Group, pages: frozenset[str], *, version: str = "") -> str:
    """The page of one notebook: its runs over time."""
    return render(
        "site_notebook.html.j2",
        group=one,
        runs=one.runs[:MANY],
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        pages=pages,
        up="../",
        version=version,
    )


def _picture(groups: Sequence[Group]) -> object:
    """What each notebook's newest good run read and wrote."""
    nodes: dict[tuple[str, bool], Node] = {}
    edges: list[tuple[Node, Node]] = []
    notes = _notes(groups)
    for one in groups:
        good = next((run for run in one.runs if tone(run.status) == "good"), None)
        if good is None or not (good.inputs or good.writes):
            continue
        name = one.notebook.rpartition("/")[2]
        notebook = Node(one.notebook, True, name, tone(one.last.status), one.page)
        nodes[one.notebook, True] = notebook
        for receipt in (*good.inputs, *good.writes):
            if receipt.dataset is not None:
                key = (receipt.dataset, False)
                nodes.setdefault(key, Node(receipt.dataset, False, notes.get(receipt.dataset, "")))
        edges += [(nodes[read.dataset, False], notebook) for read in good.inputs if read.dataset]
        edges += [(notebook, nodes[made.dataset, False]) for made in good.writes if made.dataset]
    return lay_out(tuple(nodes.values()), edges)


def _notes(groups: Sequence[Group]) -> Mapping[str, str]:
    """The newest version of each dataset that a run has told of."""
    newest: dict[str, int] = {}
    for one in groups:
        for run in one.runs:
            for receipt in (*run.inputs, *run.writes):
                if receipt.dataset and receipt.version:
                    newest[receipt.dataset] = max(newest.get(receipt.dataset, 0), receipt.version)
    return {dataset: f"version {version}" for dataset, version in newest.items()}
