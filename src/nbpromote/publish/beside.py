"""Two variants of a notebook beside each other, as a self-contained page that runs no script and loads nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbpromote.publish.page import render


@dataclass(frozen=True, slots=True)
class Side:
    """One of the variants: where it lies, what there is to say of its run, and why it stopped, if it did."""

    path: str
    told: str
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A cell of each, with their numbers and code, what is said of them, and how good that is.

    `tone` is one of good, bad, wait, and empty. `is_parting` where they part first; code and number are None where
    there is no cell.
    """

    numbers: tuple[int | None, int | None]
    codes: tuple[str | None, str | None]
    said: str
    tone: str = ""
    is_parting: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What was written or shown in both, how it compares, and in which way."""

    what: str
    outcome: str
    detail: str
    tone: str


def render_variants(
    sides: tuple[Side, Side], rows: Sequence[Row], results: Sequence[Result], summary: str, *, version: str = ""
) -> str:
    """The page: both variants, their results, then cell against cell."""
    return render("variants.html.j2", sides=sides, rows=rows, results=results, summary=summary, version=version)
