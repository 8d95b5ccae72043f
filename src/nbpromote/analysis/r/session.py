"""R's session as a whole: its functions, what shares one thing, and names that are bound to one text only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nbpromote.analysis.r.found import Found, Function
from nbpromote.analysis.r.grammar import name_of, string_of
from nbpromote.analysis.r.language import language

if TYPE_CHECKING:
    from nbpromote.analysis.r.texts import Text

Used = Mapping[str, Sequence[tuple[Function, "Text"]]]


class Session:
    """What all R texts of a notebook have in common.

    `bound` are the names that they bind; `is_open` when there may be more, of packages or by `load()`; `references` the
    names of things that are changed in place, each with the names that share it; `settings` what they set.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self.functions: dict[str, list[tuple[Function, Text]]] = {}
        self.bound: set[str] = set()
        self.settings: set[str] = set()
        for text in texts:
            self.bound |= set(text.found.binds) | text.found.sets
            self.settings |= text.found.resources_changed
            for name, function in text.found.functions.items():
                self.functions.setdefault(name, []).append((function, text))
                self.bound |= function.found.sets
                self.settings |= function.found.resources_changed
        self.is_open = any(text.found.binds_unknown or text.found.attaches for text in texts)
        self.constants = _constants(texts)
        self.references = self._references(texts)

    def used(self, found: Found) -> Used:
        """The notebook's functions that may run with this code: those that it names, methods of generic functions, and
        what these call."""
        seen: dict[str, Sequence[tuple[Function, Text]]] = {}
        stack = [*found.reads, *found.carries, *(name for name, _, _ in found.calls)]
        asked: set[str] = set()
        while stack:
            name = stack.pop()
            if name in asked:
                continue
            asked.add(name)
            for each in [name, *(each for each in self.functions if each.startswith(f"{name}."))]:
                if each not in self.functions or each in seen:
                    continue
                seen[each] = self.functions[each]
                for function, _ in self.functions[each]:
                    stack += [*function.found.reads, *function.found.carries]
                    stack += [callee for callee, _, _ in function.found.calls]
        return seen

    def changes(self, found: Found, used: Used) -> dict[str, str]:
        """The names of which the thing may be changed in place, and why."""
        changed: dict[str, str] = {}

        def add(name: str, reason: str) -> None:
            for each in sorted(self.references.get(name, ())):
                changed.setdefault(each, reason)

        inside = [(function.found, set(function.parameters)) for each in used.values() for function, _ in each]
        for one, own in [(found, set[str]()), *inside]:
            for name in sorted(one.changed - own):
                add(name, f"{name} is changed in place")
            for name in sorted(one.touched - own):
                add(name, f"a part of {name} is replaced in place")
            for name in sorted(one.messages - own):
                add(name, f"a function of {name} is called")
            for callee in sorted({callee for callee, _, _ in one.calls} - own):
                add(callee, f"{callee}() keeps a state")
            for callee, name in sorted(one.passed):
                if name not in own and self._may_change(callee):
                    add(name, f"{callee}() may change {name} in place")
        return changed

    def _may_change(self, callee: str) -> bool:
        """Whether the function may change a thing that it is given."""
        functions = self.functions.get(callee)
        if functions is not None:
            return any(_changes_argument(function) for function, _ in functions)
        return callee not in language().given and callee not in language().quoting

    def _references(self, texts: Sequence[Text]) -> dict[str, frozenset[str]]:
        makers = {name for name, each in self.functions.items() if any(_gives_reference(one) for one, _ in each)}
        starts: set[str] = set()
        groups: dict[str, set[str]] = {}
        for text in texts:
            starts |= text.found.references | text.found.changed
            starts |= {name.removeprefix("<- ") for callee, name in text.found.passed if callee in makers}
            for one, other in sorted(text.found.shared):
                merged = groups.get(one, {one}) | groups.get(other, {other})
                groups |= dict.fromkeys(merged, merged)
        return {each: frozenset(groups.get(name, {name})) for name in starts for each in groups.get(name, {name})}


def _gives_reference(function: Function) -> bool:
    """Whether what the function gives may be an environment or the like."""
    names = {callee for callee, _, _ in function.found.calls}
    return function.is_stateful or bool(names & language().references) or any(name.endswith("$new") for name in names)


def _changes_argument(function: Function) -> bool:
    parameters, found = set(function.parameters), function.found
    passed = {name for callee, name in found.passed if callee not in language().given}
    return bool(parameters & (found.changed | found.messages | found.touched | passed | set(found.binds)))


def _constants(texts: Sequence[Text]) -> dict[str, str]:
    """The names that are bound once, to a text."""
    values: dict[str, str | None] = {}
    bound: dict[str, int] = {}
    for text in texts:
        for node in text.root.named_children:
            target, value = node.child_by_field_name("lhs"), node.child_by_field_name("rhs")
            if node.type == "binary_operator" and target is not None and target.type == "identifier":
                values[name_of(target) or ""] = string_of(value)
                bound[name_of(target) or ""] = bound.get(name_of(target) or "", 0) + 1
        for name in text.found.sets:
            bound[name] = bound.get(name, 0) + 2
    return {name: value for name, value in values.items() if value is not None and bound[name] == 1}
