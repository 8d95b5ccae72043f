"""The site: what fails comes first, runs have pages with what has changed, and nothing of a notebook is active."""

import html.parser
import os
from dataclasses import replace
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest

from commonlib.receipts import Receipt
from nbpromote.effects.files.repository import Repository
from nbpromote.effects.running.ledger import EXECUTED, Ledger
from nbpromote.effects.running.site import write_site
from nbpromote.publish.site.lineage import Node, lay_out
from nbpromote.running.executed import Failure
from nbpromote.running.record import Code, Record

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(html.parser.HTMLParser):
    """A page as a browser sees it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def note(root: Path, record: Record, shown: str) -> None:
    ledger = Ledger(root / "runs")
    folder = ledger.begin(replace(record, status="running", duration=None))
    ledger.end(record)
    cell = v4.new_code_cell("print(1)", id="c", outputs=[v4.new_output("display_data", {"text/html": shown})])
    nbformat.write(v4.new_notebook(cells=[cell]), folder / EXECUTED)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one notebook that fails since its third run, one that goes well, and one that waits."""
    read = Receipt("read", dataset="validated/p", version=3)
    wrote = Receipt("write", dataset="derived/v", version=7, rows=2)
    first = Record(
        "20260101-000000-value-0001",
        "notebooks/production/value.py",
        "done",
        "2026-01-01T00:00:00+00:00",
        10.0,
        {"least": 1.0, HOSTILE: HOSTILE},
        ("least", HOSTILE),
        receipts=(read, wrote),
        code=Code("c1"),
    )
    failure = Failure("c", 2, "ValueError", HOSTILE, "", HOSTILE)
    later = [
        replace(first, run_id=f"2026010{day}-000000-value-000{day}", started=f"2026-01-0{day}T00:00:00+00:00")
        for day in (2, 3, 4)
    ]
    note(tmp_path, first, HOSTILE)
    note(tmp_path, replace(later[0], parameters={"least": 2.0, HOSTILE: "now"}, duration=11.0), HOSTILE)
    for one in later[1:]:
        note(tmp_path, replace(one, status="failed", failure=failure, receipts=(read,)), "")
    other = replace(
        first,
        run_id="20260105-000000-more-0005",
        notebook="notebooks/production/more.py",
        started="2026-01-05T00:00:00+00:00",
        receipts=(Receipt("read", dataset="derived/v", version=7),),
    )
    note(tmp_path, other, "")
    (tmp_path / "notebooks/adhoc").mkdir(parents=True)
    (tmp_path / "notebooks/production").mkdir()
    (tmp_path / "notebooks/adhoc/look.py").write_text("# %%\nx = 1\nprint(x)\n")
    return tmp_path


def test_the_site_tells_what_fails_first_and_what_has_changed(root: Path) -> None:
    made = write_site(Repository(root), root / "site", most=10)
    home = (root / "site/index.html").read_text()
    assert (made.runs, made.made) == (5, 5)
    assert "1 failing" in home
    assert 'failing since <a href="runs/20260103-000000-value-0003.html">2026-01-03 00:00:00 UTC</a>' in home
    assert home.index("failing since") < home.index("Notebooks that run") < home.index("Newest runs")
    assert "notebooks/adhoc/look.py" in home
    assert "derived/v to notebooks/production/more.py" in home
    changed = (root / "site/runs/20260102-000000-value-0002.html").read_text()
    assert "Since the last good run" in changed
    assert "20260101-000000-value-0001" in changed
    for page in (root / "site").rglob("*.html"):
        for name, value in Page(page).attributes:
            if name == "href" and not value.startswith("#"):
                assert (page.parent / value).exists(), f"{page}: {value}"


def test_nothing_on_the_site_is_active_or_comes_from_elsewhere(root: Path) -> None:
    write_site(Repository(root), root / "site", most=10)
    pages = [Page(path) for path in (root / "site").rglob("*.html")]
    assert len(pages) == 8
    for page in pages:
        assert not {"script", "iframe", "object", "embed", "form", "link", "base"} & set(page.tags)
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert not [value for name, value in page.attributes if name in {"src", "href"} and "//" in value]


def test_made_again_only_what_is_new_is_rendered_and_old_pages_go(root: Path) -> None:
    write_site(Repository(root), root / "site", most=10)
    page = root / "site/runs/20260101-000000-value-0001.html"
    before = page.stat().st_mtime_ns
    assert write_site(Repository(root), root / "site", most=10).made == 0
    assert page.stat().st_mtime_ns == before
    os.utime(page, (0, 0))
    assert write_site(Repository(root), root / "site", most=10).made == 1
    assert write_site(Repository(root), root / "site", most=2).runs == 2
    assert len(list((root / "site/runs").iterdir())) == 2


def test_data_stands_right_of_what_it_comes_from_also_in_a_circle() -> None:
    a, b, c, d = (Node(name, is_notebook=name in "bd") for name in "abcd")
    picture = lay_out((d, c, b, a), [(a, b), (b, c), (c, d), (d, a), (a, b)])
    at = {box.node.name: box.x for box in picture.boxes}
    assert len(set(at.values())) == 4
    assert sum(at[one.source] < at[one.target] for one in picture.arrows) == 3
    assert len({(box.x, box.y) for box in lay_out((a, b, c, d), [(a, b), (a, c), (a, d)]).boxes}) == 4
    assert lay_out((), ()).boxes == ()
