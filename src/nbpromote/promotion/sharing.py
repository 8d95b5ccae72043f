"""A function of the notebook that commonlib has already, and how to call the one there instead."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nbpromote.analysis.clones import DefinitionNode, Form, differing_lines, likeness, read_scope
from nbpromote.analysis.clones.near import NEAR, SMALLEST
from nbpromote.promotion.candidates import Candidate
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.library import Known, keys_of, read_library

_TELLING = 25  # tokens; a shorter definition of another name says too little to be taken for the same


@dataclass(frozen=True, slots=True)
class Match:
    """What commonlib has in place of a definition.

    `handed` are the keyword-only arguments that it takes, and the variables here that they are given; `renamed` the
    parameters that it calls otherwise; `differing` the lines in which the two differ, none when they are the same.
    """

    known: Known
    handed: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    differing: tuple[str, ...] = ()

    def import_line(self, name: str) -> str:
        """The import that makes it known under the name that it has here."""
        renamed = f" as {name}" if name != self.known.name else ""
        return f"from commonlib.{self.known.module} import {self.known.name}{renamed}"


@dataclass(frozen=True, slots=True)
class Use:
    """How the notebook uses a function: by which argument names it calls it, and whether in ways that are not seen."""

    keywords: frozenset[str] = frozenset()
    is_passed_on: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """What calls of a function are like: the variables of the notebook that it needs, those that it only passes on, by
    the keyword that takes them there, and how it is used."""

    needed: tuple[str, ...]
    passed: Mapping[str, str]
    use: Use


def find_matches(
    draft: Draft,
    snapshot: Snapshot,
    candidates: Mapping[str, Candidate],
    arguments: Mapping[str, tuple[str, ...]],
    constants: Collection[str],
) -> dict[str, Match]:
    """For each of these definitions that commonlib has elsewhere, or nearly, which one.

    One that stands in the notebook's own module stays there, whatever others have copied since. What needs the own
    module is left out: neither could then be imported first.
    """
    library = read_library(snapshot)
    own = draft.options.module
    held = {known.name for known in library if known.module == own}
    others = [known for known in library if known.module != own and own not in known.imports]
    if not others or not candidates:
        return {}
    trees = [code.tree for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]
    scope = read_scope((statement for tree in trees for statement in tree.body), keys_of(library))
    kept = {name: one for name, one in scope.meanings.items() if not one.startswith("const ") or name in constants}
    forms = replace(scope, meanings=kept).forms()
    found: dict[str, Match] = {}
    for _ in candidates:  # what a function only hands on is known once those that it calls are
        before = len(found)
        for name in sorted(candidates.keys() & forms.keys() - held - found.keys()):
            node, free = candidates[name].node, candidates[name].free
            passed = {key: one for called in free & found.keys() for key, one in found[called].handed.items()}
            called = Called(arguments[name], passed, use_of(name, trees))
            match = find_match(node, forms[name], called, others)
            if match is not None:
                found[name] = match
        if len(found) == before:
            break
    return found


def find_match(node: DefinitionNode, form: Form, called: Called, library: Iterable[Known]) -> Match | None:
    """The same definition in commonlib, or else the one that is nearest to it, if one is near."""
    same, near = [], []
    for known in library:
        if type(known.node) is not type(node) or known.name.startswith("_"):
            continue
        is_namesake = known.name == node.name
        if known.form.key == form.key:
            if (is_namesake or form.size >= _TELLING) and (match := _fitting(known, node, form, called)):
                same.append((not is_namesake, known.whole_name, match))
        elif form.size >= SMALLEST and known.form.size >= SMALLEST:
            found = likeness(known.form, form)
            if found >= NEAR and (match := _fitting(known, node, form, called)):
                near.append((-found, known.whole_name, match))
    if same:
        return min(same, key=lambda one: one[:2])[2]
    return min(near, key=lambda one: one[:2])[2] if near else None


def _fitting(known: Known, node: DefinitionNode, form: Form, called: Called) -> Match | None:
    """The match when calls can follow; None when they cannot."""
    there = known.form
    if isinstance(node, ast.ClassDef):
        return Match(known, differing=_differing(known, node, form)) if known.name == node.name else None
    if len(there.parameters) != len(form.parameters):
        return None
    renamed = {own: other for own, other in zip(form.parameters, there.parameters, strict=True) if own != other}
    if called.use.is_passed_on and (renamed or called.needed):
        return None
    if renamed.keys() & called.use.keywords and renamed.keys() & set(renamed.values()):
        return None  # two parameters have changed their names with each other
    handed = _handed(known.required, there.keywords, form.keywords, called)
    if handed is None:
        return None
    return Match(known, handed, renamed, _differing(known, node, form))


def _handed(
    required: frozenset[str], there: tuple[str, ...], here: tuple[str, ...], called: Called
) -> dict[str, str] | None:
    """Which variable each keyword-only argument is given."""
    handed = dict(zip(there, here, strict=True)) if len(there) == len(here) else {}
    handed = {keyword: variable for keyword, variable in handed.items() if keyword in required}
    for keyword in required - handed.keys():
        variable = called.passed.get(keyword, keyword)
        if variable in called.needed:
            handed[keyword] = variable
    return handed if set(handed) == required and set(handed.values()) == set(called.needed) else None


def _differing(known: Known, node: DefinitionNode, form: Form) -> tuple[str, ...]:
    return () if known.form.key == form.key else differing_lines(node, form, known.node, known.form)


def use_of(name: str, trees: Iterable[ast.Module]) -> Use:
    """How a function of this name is used in these cells."""
    keywords: set[str] = set()
    is_passed_on = False
    for tree in trees:
        called = set()
        for call in _calls(name, tree):
            called.add(id(call.func))
            keywords |= {one.arg for one in call.keywords if one.arg is not None}
            is_passed_on |= any(one.arg is None for one in call.keywords)
        is_passed_on |= any(
            isinstance(node, ast.Name) and node.id == name and id(node) not in called for node in ast.walk(tree)
        )
    return Use(frozenset(keywords), is_passed_on)


def _calls(name: str, tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node
