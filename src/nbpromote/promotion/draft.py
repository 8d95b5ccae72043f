"""A production notebook in the making: what the passes hand on to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from nbpromote.analysis.facts import Access, CellFacts, Definition, Facts, Span
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.errors import UsageError
from nbpromote.notebook.model import Cell, Notebook
from nbpromote.promotion.plan import Answer, Decision, DecisionKind, Topic, Turn
from nbpromote.promotion.rewriting import Rewrite, is_empty


class Snapshot(Protocol):
    """The repository as it is, to read from."""

    def read_bytes(self, path: str) -> bytes | None:
        """What this file holds, or None when it is not there. `path` is relative to the root."""
        ...

    def files(self, folder: str) -> tuple[str, ...]:
        """The paths of the files right in this folder, sorted; none when it is not there."""
        ...

    def landed(self, path: str) -> tuple[str, ...]:
        """The datasets of the lake that hold what this file holds, byte for byte as it was landed."""
        ...


class UnfitAnswer(UsageError):
    """A person chose what cannot be chosen."""

    def __init__(self, answer: Answer, choices: tuple[str, ...]) -> None:
        self.answer, self.choices = answer, choices
        can = f"choose {' or '.join(choices)}" if choices else "there is no such decision in this notebook's plan"
        super().__init__(f"{answer.topic}, {answer.subject}: {answer.choice!r} was chosen; {can}")


@dataclass(frozen=True, slots=True)
class Origin:
    """The last commit that changed the ad-hoc notebook: its hash, its day (ISO 8601), and its author's name."""

    commit: str
    date: str
    author: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `source` is the notebook's path in the repository, `name` the production notebook's;
    `answers` are the decisions that a person turned around, `remembered` those of the promotion before; `origin` is
    None for a notebook that is not committed."""

    source: str
    name: str
    module: str
    results: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    origin: Origin | None = None
    remembered: tuple[Answer, ...] = ()

    @property
    def target(self) -> str:
        return f"notebooks/production/{self.name}.py"

    @property
    def module_path(self) -> str:
        return f"commonlib/{self.module}.py"

    @property
    def tests_name(self) -> str:
        """What the tests of the functions are called: those of several notebooks may move to one module."""
        return self.module if self.module == self.name else f"{self.module}__{self.name}"

    @property
    def proof_path(self) -> str:
        return f"notebooks/production/{self.name}.proof.json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the production notebook. `default` is Python source; `check` the expression that checks it."""

    name: str
    annotation: str
    default: str
    comment: str
    check: str


@dataclass(frozen=True, slots=True)
class Lifted:
    """A definition that moves to commonlib. `arguments` are the free variables that become keyword arguments."""

    definition: Definition
    cell_id: str
    span: Span
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A module that lies beside the ad-hoc notebook at `source`, and moves to commonlib under its own name.

    `name` has a `/` for each package that it is in: `plots/colours`, `plots/__init__`.
    """

    name: str
    source: str
    text: str

    @property
    def path(self) -> str:
        return f"commonlib/{self.name}.py"

    @property
    def root(self) -> str:
        """The first part of what it is imported by."""
        return self.name.partition("/")[0]

    @property
    def module(self) -> str:
        """What it is imported by in a production notebook."""
        return f"commonlib.{self.name.removesuffix('/__init__').replace('/', '.')}"


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant that only lifted functions use, and that moves along with them."""

    name: str
    cell_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Output:
    """A write of the ad-hoc notebook, and the dataset that the production notebook writes instead.

    `file` is the source of the artefact's file name in the dataset when it is not a table. `pattern` is what the
    ad-hoc notebook's targets look like (a regular expression; None: like anything), with a group for each of its first
    `parts` partition columns; `runs` are the cells that come by, `targets` the places that are known. With
    `is_continued`, what a run writes is added to what it has written itself; with `is_folder`, the file is a folder.
    """

    cell_id: str
    access: Access
    dataset: str
    file: str | None = None
    partition: tuple[str, ...] = ()
    pattern: str | None = None
    runs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    parts: int = 0
    is_continued: bool = False
    is_folder: bool = False


def _commonlib_names(cell: CellFacts) -> set[str]:
    return {one.name for one in cell.imports if one.module.split(".")[0] == "commonlib"}


@dataclass(frozen=True, slots=True)
class Draft:
    """The production notebook so far: which cells stay and in which order, and what is rewritten in them."""

    facts: Facts
    options: Options
    kept: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    constants: tuple[Constant, ...] = ()
    moved: tuple[Moved, ...] = ()
    outputs: tuple[Output, ...] = ()
    read_back: tuple[tuple[str, Span], ...] = ()  # reads, by cell and place, of what the notebook wrote itself
    results: tuple[str, ...] = ()  # cells of which what they show is a result
    imports: tuple[str, ...] = ()
    guards: tuple[tuple[str, str], ...] = ()
    session: str | None = None
    seen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # the types of lifted functions' calls
    requires: str | None = None  # the versions of commonlib that do
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    original: Notebook | None = None  # as it was read, when `facts` are of the mended one

    @property
    def source_notebook(self) -> Notebook:
        """The ad-hoc notebook as people wrote it, before any mend."""
        return self.original or self.facts.notebook

    @property
    def mends(self) -> tuple[Decision, ...]:
        """The mends that were made, in the notebook that is promoted and in the ad-hoc one that the proof runs."""
        return tuple(
            one for one in self.decisions if one.kind is DecisionKind.MEND and one.turn and one.turn.choice == "mend"
        )

    @property
    def kept_code(self) -> tuple[Cell, ...]:
        """The code cells that stay, in running order."""
        code = {cell.id: cell for cell in self.facts.notebook.code_cells}
        return tuple(code[cell_id] for cell_id in self.kept if cell_id in code)

    @property
    def taken(self) -> frozenset[str]:
        """The names that the cells that stay give a meaning of their own."""
        return frozenset(
            name
            for cell in self.kept_code
            for name in self.facts.of(cell.id).binds - _commonlib_names(self.facts.of(cell.id))
        )

    def module(self, name: str) -> tuple[str, str]:
        """What a module of commonlib is called in the notebook, and the line that imports it."""
        if name not in self.taken:
            return name, f"from commonlib import {name}"
        return f"commonlib_{name}", f"from commonlib import {name} as commonlib_{name}"

    def turn(self, topic: Topic, subject: str, choices: tuple[str, ...], default: str) -> Turn:
        """How a decision stands: the person's choice where there is one, else the default. The decision carries it.

        No `choices` means any word; whoever asks checks it.

        Raises:
            UnfitAnswer: the choice is none of the choices.
        """
        for answer in self.options.answers:
            if (answer.topic, answer.subject) == (topic, subject):
                if choices and answer.choice not in choices:
                    raise UnfitAnswer(answer, choices)
                return Turn(topic, subject, answer.choice, choices, default)
        for answer in self.options.remembered:
            if (answer.topic, answer.subject) == (topic, subject) and (not choices or answer.choice in choices):
                return Turn(topic, subject, answer.choice, choices, default)
        return Turn(topic, subject, default, choices, default)

    def deciding(self, *decisions: Decision) -> "Draft":
        """The draft with these decisions added."""
        return replace(self, decisions=(*self.decisions, *decisions))

    def refusing(self, code: str, cell: Cell, span: Span, message: str, hint: str) -> "Draft":
        """The draft with one more reason why it cannot become a production notebook."""
        path, rows = self.facts.notebook.path, cell.source.splitlines()
        line = rows[span.line - 1] if span.line <= len(rows) else ""
        finding = Finding(code, path, cell.number, cell.id, span, message, hint, Severity.BLOCKS, line)
        return replace(self, findings=(*self.findings, finding))

    def rewriting(self, *rewrites: Rewrite) -> "Draft":
        """The draft with these rewrites added; what they replace, no other does."""
        taken = {(one.cell_id, one.span) for one in rewrites if not is_empty(one.span)}
        left = tuple(one for one in self.rewrites if (one.cell_id, one.span) not in taken)
        return replace(self, rewrites=(*left, *rewrites))

    def inserting_before(self, *inserted: Rewrite) -> "Draft":
        """The draft with these lines inserted, before whatever else is inserted at the same place."""
        return replace(self, rewrites=(*inserted, *self.rewrites))


def name_of(cell: Cell) -> str:
    """How people are told of a cell."""
    return f"cell {cell.number}"
