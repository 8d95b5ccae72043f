"""The words of a notebook as a person is shown them: on one line, without what hides, steers or harms."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nbpromote.analysis.facts import Facts, LiteralKind
from nbpromote.analysis.literals.kinds import veil
from nbpromote.notebook.model import Cell, CellKind

LONGEST_SOURCE = 20_000
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_BARE = re.compile(r"\s*%%?\w+\s*")
# What a name, path or line may be in a picture or a terminal: without escape sequences, control characters, and what
# neither XML nor a line of text can hold.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_PREAMBLE = re.compile(r"\s*(import |from \S+ import |%%time|%%capture|# COMMAND|[\[({]\s*$|\)\s*$)")
_LONGEST = 60


def plain(text: str) -> str:
    """The text without escape sequences, control characters and secrets."""
    return veil(_CONTROLS.sub("", _ESCAPES.sub("", text)))


def short(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, cut in the middle where it is long."""
    text = " ".join(plain(text[:4_000]).split())
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def title_of(source: str) -> str:
    """The first line that tells something: imports and `%%time` stand before what a cell is for."""
    lines = [line for line in source[:LONGEST_SOURCE].splitlines() if line.strip()]
    if not lines:
        return "(empty)"
    at = next((at for at, line in enumerate(lines) if not _PREAMBLE.match(line)), 0)
    # `%sql` alone tells nothing; what stands under it does.
    return " ".join(line.strip() for line in lines[at : at + (2 if _BARE.fullmatch(lines[at]) else 1)])


def sections_of(cells: tuple[Cell, ...]) -> Mapping[str, str]:
    """For each cell the last heading above it."""
    found: dict[str, str] = {}
    heading = ""
    for cell in cells:
        if cell.kind is CellKind.MARKDOWN:
            told = _HEADING.findall(cell.source[:LONGEST_SOURCE])
            heading = _unmarked(told[-1]) if told else heading
        found[cell.id] = heading
    return found


def _unmarked(text: str) -> str:
    """A heading without Markdown's marks."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return short(re.sub(r"<[^>]{0,200}>|[*`]|(?<!\w)_|_(?!\w)", "", text), 90)


def without_credentials(facts: Facts) -> Iterator[Cell]:
    """The cells without the literals that go by the name of a secret."""
    told = {each.source for each in facts.literals if each.kind is LiteralKind.CREDENTIAL and len(each.source) > 4}
    for cell in facts.notebook.cells:
        source = cell.source
        for secret in told:
            source = source.replace(secret, '"***"')
        yield replace(cell, source=source) if source != cell.source else cell
