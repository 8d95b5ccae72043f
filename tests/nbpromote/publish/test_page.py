"""Pages of runs: what is known is on them, and what came with a notebook can do nothing."""

import html.parser
from dataclasses import replace
from datetime import UTC, datetime

import nbformat.v4
import pytest

from commonlib.receipts import MIME, Receipt, to_json
from nbpromote.publish import body, page
from nbpromote.running import record
from nbpromote.running.executed import CellRun, CellStatus, Executed, Failure, Status
from nbpromote.running.record import Code, Environment, Record
from nbpromote.running.request import RunRequest

HOSTILE = (
    "<script>alert(1)</script>"
    '<img src="x" onerror="alert(1)"><img src="http://tracker.example/x.png">'
    '<a href="javascript:alert(1)">link</a><a href="data:text/html,<script>alert(1)</script>">data</a>'
    '<iframe src="http://tracker.example"></iframe><form action="http://tracker.example"><input></form>'
    '<svg onload="alert(1)"><script>alert(1)</script></svg><style>@import "http://tracker.example";</style>'
    '<b onclick="alert(1)">bold</b><script>unclosed'
)
NAMES = ("\x1b[31m<script>alert(2)</script>", "a'b\"c", "x" * 300)


class Elements(html.parser.HTMLParser):
    """All tags and attributes of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def made() -> tuple[Record, nbformat.NotebookNode]:
    receipts = (
        Receipt("read", "validated/purchases", 4, rows=69659, columns=("customer", "date")),
        Receipt("write", "derived/value", 7, rows=23570, path="lake/derived/value"),
        Receipt("validate", "validated/purchases", 4, details={"passed": 9}),
    )
    outputs = [nbformat.v4.new_output("display_data", {MIME: to_json(one), "text/plain": str(one)}) for one in receipts]
    outputs.append(nbformat.v4.new_output("display_data", {"text/html": HOSTILE, "text/plain": "x"}))
    outputs.append(nbformat.v4.new_output("display_data", {"application/javascript": "alert(3)"}))
    outputs.append(nbformat.v4.new_output("display_data", {"image/svg+xml": '<svg onload="alert(4)"/>'}))
    outputs.append(nbformat.v4.new_output("stream", text="\x1b[31mred\x1b[0m <script>alert(5)</script>"))
    table = (
        "<table class='dataframe'><thead><tr><th>spend</th></tr></thead><tbody><tr><td>1.5</td></tr></tbody></table>"
    )
    outputs.append(nbformat.v4.new_output("execute_result", {"text/html": table, "text/plain": "1.5"}))
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(f"# Title\n\n{HOSTILE}\n\n[x](javascript:alert(6))", id="m"),
            nbformat.v4.new_code_cell("print('</pre><script>alert(7)</script>')", id="a", outputs=outputs),
        ]
    )
    cells = (CellRun("a", 1, CellStatus.COMPLETED, 1.25, 80_000_000), CellRun("b", 2, CellStatus.NOT_REACHED))
    executed = Executed(notebook, Status.DONE, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 75.0, None, cells, 90_000_000)
    request = RunRequest("20260102-030405-value-ab12", "notebooks/production/value.py", {NAMES[0]: NAMES[1]}, {"n": 1})
    whole = record.of(request, executed, Code("c0ffee", "main", ("a.py",)), Environment({"python": "3.11"}))
    return whole, notebook


def test_a_page_says_what_ran_on_what_and_what_came_of_it() -> None:
    run, notebook = made()
    text = page.render_run(run, notebook, version="1.0")
    assert "<<<" not in text
    assert "&lt;&lt;&lt;" not in text
    assert text.count(">versions<") == 1
    for spark, words in (({"version": "4.3.0"}, "4.3.0<"), ({"version": "4.3.0", "where": "warm"}, "4.3.0, warm<")):
        assert words in page.render_run(replace(run, spark=spark), notebook)
    for words in ("notebooks/production/value.py", "done", "1 min 15 s", "69,659", "23,570", "c0ffee", "1 uncommitted"):
        assert words in text
    assert "<th>spend</th>" in text
    assert "2026-01-02 03:04:05 UTC" in text


def test_nothing_from_a_notebook_is_active_on_its_page() -> None:
    run, notebook = made()
    elements = Elements(page.render_run(run, notebook))
    assert not {"script", "iframe", "object", "embed", "form", "input", "svg", "link", "base"} & set(elements.tags)
    assert elements.tags.count("style") == 1
    assert [name for _, name, _ in elements.attributes if name.startswith("on")] == []
    sources = [value for _, name, value in elements.attributes if name in {"src", "srcset", "background", "data"}]
    assert all(value.startswith("data:image/") for value in sources)
    links = [value for tag, name, value in elements.attributes if tag == "a" and name == "href"]
    assert all(value.startswith(("http:", "https:", "mailto:")) for value in links)
    policy = next(value for _, name, value in elements.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy


def test_a_failure_comes_first_and_is_plain_text() -> None:
    run, notebook = made()
    failure = Failure("a", 1, "ValueError", "\x1b[31mtoo <b>small</b>", "", "1 < 2")
    failed = replace(run, failure=failure, status="failed")
    text = page.render_run(failed, notebook)
    assert "Cell 1: ValueError: too &lt;b&gt;small&lt;/b&gt;" in text
    assert text.index("too &lt;b&gt;") < text.index("Parameters")
    assert "\x1b" not in text


def test_all_runs_are_on_one_page_that_links_to_each() -> None:
    run, _ = made()
    text = page.render_index([run])
    assert 'href="20260102-030405-value-ab12/page.html"' in text
    assert "derived/value v7" in text
    assert "script" not in Elements(text).tags
    assert "No run yet" in page.render_index([])


@pytest.mark.parametrize(
    "text", ["<script>x", "<img src=javascript:x>", "<scr<script>ipt>alert(1)</script>", "<!-- x -->"]
)
def test_cleaning_leaves_no_active_element(text: str) -> None:
    elements = Elements(body.clean(text))
    assert "script" not in elements.tags
    assert not [value for _, name, value in elements.attributes if name == "src"]


def test_a_record_is_read_back_as_it_was_written() -> None:
    run, _ = made()
    assert record.from_json(record.to_json(run)) == run
    assert [one.version for one in run.writes] == [7]
    with pytest.raises(record.UnreadableRecord):
        record.from_json('{"format": 99}')
