"""What a person chose stays chosen: the production notebook's header carries it to the next promotion."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from nbpromote.notebook.model import Notebook
from nbpromote.promotion.draft import Options, name_of
from nbpromote.promotion.plan import Answer, Decision, Topic
from nbpromote.promotion.read_header import header_of

_CELL = re.compile(r"cell (\d+)(?: \(([0-9a-f]{8})\))?(.*)", re.DOTALL)


def noted(options: Options, decisions: Iterable[Decision], notebook: Notebook) -> dict[str, object]:
    """What the header holds of the person's choices: results asked for, the module, and decisions turned around.

    A cell is noted with a hash of its source, so that it is found again when cells were added before it.
    """
    chosen: dict[str, dict[str, str]] = {}
    answers = {(one.topic, one.subject) for one in (*options.answers, *options.remembered)}
    for one in decisions:
        if one.turn is not None and one.turn.is_turned and (one.turn.topic, one.turn.subject) in answers:
            chosen.setdefault(str(one.turn.topic), {})[_anchored(one.turn.subject, notebook)] = one.turn.choice
    kept: dict[str, object] = {"asked_for": list(options.results)} if options.results else {}
    kept |= {"module": options.module} if options.module != options.name else {}
    return kept | ({"decisions": chosen} if chosen else {})


def with_remembered(options: Options, production: bytes | None, notebook: Notebook) -> Options:
    """The options with what the last promotion of this notebook was told, where the new one is told nothing."""
    header = header_of(production)
    if header.get("source") != options.source:
        return options
    decisions = header.get("decisions")
    remembered = []
    for topic, choices in decisions.items() if isinstance(decisions, dict) else ():
        for subject, choice in choices.items() if isinstance(choices, dict) and topic in set(Topic) else ():
            found = _found(str(subject), notebook)
            if found is not None:
                remembered.append(Answer(Topic(topic), found, str(choice)))
    results = header.get("asked_for")
    told = tuple(map(str, results)) if isinstance(results, list) else ()
    module = str(header.get("module", options.module)) if options.module == options.name else options.module
    return replace(options, module=module, results=options.results or told, remembered=tuple(remembered))


def _anchored(subject: str, notebook: Notebook) -> str:
    match = _CELL.fullmatch(subject)
    if match is None:
        return subject
    cell = next((one for one in notebook.code_cells if one.number == int(match[1])), None)
    return f"cell {match[1]} ({_hash(cell.source)}){match[3]}" if cell is not None else subject


def _found(subject: str, notebook: Notebook) -> str | None:
    """The subject with the number that its cell has by now; None when there is no such cell any more."""
    match = _CELL.fullmatch(subject)
    if match is None or match[2] is None:
        return subject
    same = [cell for cell in notebook.code_cells if _hash(cell.source) == match[2]]
    cell = next((one for one in same if one.number == int(match[1])), same[0] if same else None)
    return f"{name_of(cell)}{match[3]}" if cell is not None else None


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
