"""What regression cases showed, expected beside actual, as a self-contained page that loads nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbpromote.publish.page import render


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference: what it is of, in words, both sides (pictures in base64), and a picture of it."""

    what: str
    told: str
    expected: str
    actual: str
    picture: str

    @property
    def is_picture(self) -> bool:
        return self.what in {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}

    def source(self, side: str) -> str:
        """A picture as an address that holds it."""
        import base64

        if self.what == "image/svg+xml":
            return f"data:{self.what};base64,{base64.b64encode(side.encode()).decode()}"
        return f"data:{self.what};base64,{''.join(side.split())}"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell, the run, or the data of a case: `outcome` is passed, failed or skipped."""

    name: str
    outcome: str
    source: str
    message: str
    shown: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Case:
    """A case, its notebook, where the executed notebook is kept, and what was tested in it."""

    name: str
    notebook: str
    kept: str
    places: Sequence[Place]

    @property
    def failed(self) -> list[Place]:
        return [place for place in self.places if place.outcome == "failed"]


def render_tested(cases: Sequence[Case], *, version: str = "") -> str:
    """The page: every case, and what differs in it."""
    return render("tested.html.j2", cases=cases, version=version)
