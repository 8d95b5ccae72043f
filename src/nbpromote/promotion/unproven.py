"""A draft that nothing has proven yet: marked where people and machines look, with what is to be done."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nbpromote.analysis.facts import Facts
from nbpromote.analysis.findings import Finding
from nbpromote.promotion.draft import Draft

_HEADER = re.compile(r"^#   nbpromote:\n", re.MULTILINE)
_END = "\n# ---\n"
_NAME = re.compile(r"name '(\w+)' is not defined")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_NETWORK = re.compile(r"URLError|HTTPError|Connect|gaierror|SSLError|MaxRetry|socket|RemoteDisconnected", re.IGNORECASE)
_LONGEST = 200
# Error -> what to do about it.
_ADVICE = {
    "FileNotFoundError": "put the file where the notebook looks, from its own folder on, or name the one that is there",
    "KeyError": "look at the data that is read: it has no such column or key",
    "Protected": "write to a new file: the proof lets a notebook change nothing that was there before",
    "MemoryLimit": "give it more with --memory, or let it read less",
    "DeadKernel": "let it read less, or give the machine more memory",
    "Timeout": "give it more with --timeout, or let it do less",
    "AnalysisException": "look at the tables and columns that it names: they are not there in this Spark",
}
_CHANGED = "the library has changed since: look for its release notes, and for what nbpromote check says of the cell"


class Failing(Protocol):
    """A cell that raised, as `nbpromote.running.executed.Failure` tells it."""

    @property
    def cell_id(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def message(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to mend before a draft can be proven: `where` it is (`cell 5`), `why`, and `what` to do."""

    where: str
    why: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}; {self.what}" if self.where else f"{self.why}; {self.what}"


def of_failures(failures: Sequence[Failing], facts: Facts, findings: Iterable[Finding] = ()) -> tuple[Todo, ...]:
    """What to do about cells that fail: causes first, then the cells that fail because others did."""
    found = list(findings)
    causes, results = [], []
    failed: list[Failing] = []
    for one in failures:
        name = _NAME.search(one.message)
        source = next((other for other in failed if name and name[1] in _binds(facts, other.cell_id)), None)
        message = " ".join(f"{one.name}: {one.message}".split())
        why = f"fails: {message if len(message) <= _LONGEST else message[: _LONGEST - 3] + '...'}"
        if source is not None:
            results.append(Todo(f"cell {one.number}", why, f"mend cell {source.number}, which would define it"))
        else:
            hint = next((other.hint for other in found if other.cell_id == one.cell_id and other.code == "NB165"), None)
            causes.append(Todo(f"cell {one.number}", why, hint or _advice(one)))
        failed.append(one)
    return (*causes, *results)


def of_findings(findings: Iterable[Finding]) -> tuple[Todo, ...]:
    """What to do about what a promotion would refuse."""
    return tuple(
        Todo(f"cell {one.cell}" if one.cell else "", f"{one.code} {one.message}", one.hint) for one in findings
    )


def _binds(facts: Facts, cell_id: str) -> frozenset[str]:
    return next((cell.binds for cell in facts.cells if cell.cell_id == cell_id), frozenset())


def _advice(failure: Failing) -> str:
    module = _MODULE.search(failure.message)
    if module is not None:
        return f"add {module[1].partition('.')[0]} to environment.yml, or do without it"
    name = _NAME.search(failure.message)
    if name is not None:
        return f"define {name[1]} in a cell before: nothing that runs does"
    if failure.name in _ADVICE:
        return _ADVICE[failure.name]
    if _NETWORK.search(failure.name) or _NETWORK.search(failure.message):
        return "it needs what is not there when it runs alone: land that data once, with nbpromote data ingest"
    if failure.name in {"AttributeError", "ImportError", "TypeError"}:
        return _CHANGED
    return "mend the cell, and run the notebook from top to bottom"


def marked(text: str, draft: Draft, todo: Sequence[Todo]) -> str:
    """The production notebook with its mark: in the header, and in a first cell for people."""
    lines = [
        f"**Unproven draft.** Nothing shows yet that this notebook computes what {draft.options.source} does.",
        "It was written with --draft; promoting again replaces it. To do before:",
        "",
        *(f"{number}. {' '.join(str(one).split())}" for number, one in enumerate(todo, 1)),
    ]
    cell = "# %% [markdown]\n" + "".join(f"# > {line}".rstrip() + "\n" for line in lines)
    told = _HEADER.sub("#   nbpromote:\n#     proof: unproven\n", text, count=1)
    head, end, rest = told.partition(_END)
    return f"{head}{end}\n{cell}{rest}"
