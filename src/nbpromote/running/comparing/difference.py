"""What a comparison is made by, and what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from re import Pattern

from nbpromote.running.noise import settle


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was.

    Attributes:
        what: a MIME type, or the name of a stream.
        told: what is different, in lines that people read.
        expected: the reference's, as it was shown; base64 for pictures.
        actual: this run's.
        picture: a PNG (base64) in which what is different stands out; empty where nothing was drawn.
    """

    what: str
    told: str
    expected: str = ""
    actual: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Terms:
    """What counts as a difference.

    Attributes:
        tolerance: relative, of numbers that are no integers.
        pixels: the share of a picture's pixels that may be others, from 0 to 1.
        ignored: MIME types and streams that are not compared.
        patterns: regular expression and replacement, as in nbval's sanitize files.
    """

    tolerance: float = 1e-9
    pixels: float = 0.0
    ignored: Sequence[str] = ()
    patterns: Sequence[tuple[str, str]] = ()

    @cached_property
    def _compiled(self) -> list[tuple[Pattern[str], str]]:
        import re

        return [(re.compile(pattern), replacement) for pattern, replacement in self.patterns]

    def clean(self, text: str) -> str:
        """The text after all replacements."""
        for pattern, replacement in self._compiled:
            text = pattern.sub(replacement, text)
        return text

    def is_same(self, was: str, now: str) -> bool:
        """Whether two texts are the same but for float noise."""
        return was == now or settle(was, now, tolerance=self.tolerance) == was


@dataclass(frozen=True, slots=True)
class Telling:
    """Some lines of what is different, and how much more there is."""

    most: int = 12
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The first lines, and the number of the others."""
        more = len(self.lines) - self.most
        kept = self.lines if more <= 0 else [*self.lines[: self.most], f"... and {more:,} more"]
        return "\n".join(kept)
