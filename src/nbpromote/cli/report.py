"""Findings as a compiler shows them: code, place, the line, carets, a hint."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.cli.terminal import clean, err

STYLES = {Severity.BLOCKS: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_WIDTH = 120
_TAB = "    "
UNUSED = "NB170"


def print_findings(findings: Iterable[Finding], console: Console | None = None) -> None:
    """Print findings, those that say the same of several cells as one."""
    console = console or err()
    for text in render_findings(tuple(findings)):
        console.print(text, soft_wrap=True)


def render_findings(findings: Sequence[Finding]) -> list[Text]:
    """Findings as text, in their order; unused cells are one line at the end."""
    texts = [_rendered(finding) for finding in findings if finding.code != UNUSED]
    unused = [finding for finding in findings if finding.code == UNUSED]
    if len(unused) == 1:
        texts.append(_rendered(unused[0]))
    elif unused:
        cells = ", ".join(str(finding.cell) for finding in unused)
        first = unused[0]
        texts.append(
            Text.assemble(
                _head(first, f"{clean(first.path)}"),
                f"no result needs {len(unused)} cells ({cells})\n",
                _hint("promotion leaves them out; delete them if they are dead ends"),
            )
        )
    return texts


def _rendered(finding: Finding) -> Text:
    place = clean(finding.path)
    if finding.cell is not None:
        place += f" cell {finding.cell}"
    if finding.span is not None:
        place += f":{finding.span.line}:{finding.span.column + 1}"
    text = Text.assemble(_head(finding, place), f"{_one_line(finding.message)}\n")
    if finding.line.strip() and finding.span is not None:
        text.append_text(_excerpt(finding))
    return text.append_text(_hint(finding.hint))


def _head(finding: Finding, place: str) -> Text:
    return Text.assemble(
        (f"{finding.severity.value} {finding.code}", STYLES[finding.severity]), " ", (place, "bold"), ": "
    )


def _excerpt(finding: Finding) -> Text:
    """The line, cut to the terminal's width around what is meant, and carets under it."""
    span = finding.span
    if span is None:
        return Text()
    end = span.end_column if span.end_line == span.line else len(finding.line)
    # Cleaned part by part, so that the carets stand right though control characters go.
    before, meant, after = (
        clean(part).replace("\t", _TAB).replace("\n", " ")
        for part in (finding.line[: span.column], finding.line[span.column : end], finding.line[end:])
    )
    if len(before) + len(meant) + len(after) > _WIDTH:
        before = before.lstrip()
        before = before if len(before) <= 40 else f"…{before[-39:]}"
        meant = meant if len(meant) <= _WIDTH - 50 else f"{meant[: _WIDTH - 51]}…"
        after = after[: max(_WIDTH - len(before) - len(meant), 0)]
    number = f"{span.line:>5} | "
    carets = "^" * max(_cells(meant), 1)
    return Text.assemble(
        (number, "dim"),
        before,
        (meant, "bold"),
        after.rstrip(),
        "\n",
        (" " * (len(number) - 2) + "| ", "dim"),
        " " * _cells(before),
        (carets, STYLES[finding.severity]),
        "\n",
    )


def _hint(hint: str) -> Text:
    return Text.assemble(("      = ", "dim"), ("hint: ", "dim"), (_one_line(hint), "dim"))


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _cells(text: str) -> int:
    """How many columns of the terminal this text takes (East Asian characters take two)."""
    from rich.cells import cell_len

    return cell_len(text)
