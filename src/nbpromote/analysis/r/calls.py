"""Calls in R code: what a function does to names and to the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpromote.analysis.r.grammar import name_of, root_of, string_of, text_of
from nbpromote.analysis.r.language import language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from nbpromote.analysis.r.reader import Reader

PACKAGES = "packages of R"
RANDOM = "random state of R"
# Calls of these are looked into no further: their argument is a text to read, not code that runs.
_QUOTES = frozenset({"quote", "bquote", "substitute", "expression"})
_GLOBAL = frozenset({".GlobalEnv", "globalenv()", "1", "topenv()", "parent.frame()", "environment()"})
_STOPPING = frozenset({"tryCatch", "try", "withCallingHandlers", "possibly", "safely"})
_SHELLS = frozenset({"system", "system2", "shell", "shell.exec", "pipe"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call, with its name where it has one."""

    name: str | None
    value: Node | None


def arguments_of(node: Node) -> list[Argument]:
    """What a call, or a subset, is given."""
    holder = node.child_by_field_name("arguments")
    return [
        Argument(name_of(each.child_by_field_name("name")), each.child_by_field_name("value"))
        for each in (holder.named_children if holder is not None else ())
        if each.type == "argument"
    ]


def callee_of(node: Node) -> str | None:
    """The name of the function that is called: `read_csv` in `readr::read_csv(...)`, `P$new` in `P$new(...)`."""
    inner = node.child_by_field_name("function")
    if inner is None:
        return None
    if inner.type == "namespace_operator":
        inner = inner.child_by_field_name("rhs")
    elif inner.type == "extract_operator":
        return text_of(inner) if len(text_of(inner)) < 100 else None
    return name_of(inner)


def argument(given: Sequence[Argument], at: int | None, name: str | None) -> Node | None:
    """The argument of this name, or at this place among those without one."""
    for each in given:
        if name is not None and each.name == name:
            return each.value
    plain = [each.value for each in given if each.name is None]
    return plain[at] if at is not None and at < len(plain) else None


def note_call(reader: Reader, node: Node, piped: Node | None, *, quoted: bool) -> None:  # noqa: PLR0912
    """Follow a call, whose first argument may come through a pipe."""
    found, known = reader.found, language()
    inner = node.child_by_field_name("function")
    callee = callee_of(node)
    given = arguments_of(node)
    if inner is not None and inner.type == "namespace_operator":
        found.packages.add(name_of(inner.child_by_field_name("lhs")) or "")
    elif inner is not None and inner.type == "extract_operator":
        _message(reader, inner, quoted=quoted)
    elif callee is None:
        reader.visit(inner, quoted=quoted)
    elif callee not in reader.bound:
        reader.read(callee, quoted=quoted)
    if callee is None:
        _rest(reader, given, quoted=quoted)
        return
    found.calls.append((callee, node, piped is not None))
    every = [Argument(None, piped), *given] if piped is not None else given
    for each in every:
        if each.value is not None and each.value.type == "identifier":
            found.passed.add((callee, name_of(each.value) or ""))
    if callee in known.settings:
        found.resources_changed.add(known.settings[callee])
        found.resources_read.add(known.settings[callee])
    if callee == "set.seed":
        found.resources_changed.add(RANDOM)
    elif callee in known.drawing:
        if RANDOM not in found.resources_changed:
            found.resources_read.add(RANDOM)
        found.resources_changed.add(RANDOM)
    if callee in known.changing and every and every[0].value is not None:
        _changes(reader, every[0].value)
    if callee in known.unlisted:
        found.binds_unknown = True
    if _special(reader, callee, given, quoted=quoted):
        return
    if callee in _STOPPING:
        # What stands in it may end anywhere, and a handler go on with what was before.
        with reader.perhaps():
            _rest(reader, given, quoted=quoted)
        return
    is_plain = callee in known.given and callee not in known.quoting
    for index, each in enumerate(given):
        is_first = index == 0 and piped is None and each.value is not None and each.value.type == "identifier"
        if is_plain:
            reader.visit(each.value, quoted=quoted)
            continue
        with reader.perhaps():
            # Another function may run what it is given elsewhere, or not at all.
            reader.visit(each.value, quoted=quoted or not (is_first and each.name is None))


def _special(reader: Reader, callee: str, given: Sequence[Argument], *, quoted: bool) -> bool:  # noqa: PLR0912
    """Functions that work on names; whether nothing is left to follow."""
    found, known = reader.found, language()
    first = given[0].value if given else None
    if callee in known.attaching:
        _attach(reader, given)
        return True
    if callee in known.scoping:
        _scoped(reader, callee, given, quoted=quoted)
        return True
    if callee in _QUOTES:
        _carry_all(reader, given)
        return True
    match callee:
        case "rm" | "remove":
            _remove(reader, given)
            return True
        case "assign" | "delayedAssign" | "makeActiveBinding":
            _assign(reader, given)
        case "get" | "get0" | "mget" | "exists" | "match.fun" | "do.call" | "Recall":
            name = string_of(first)
            if name is not None:
                reader.read(name, quoted=callee == "exists")
            elif callee in {"get", "get0", "mget"}:
                found.reads_any = True
        case "data":
            for each in given:
                if each.name is None and (name := name_of(each.value)):
                    reader.bind(name)
            return True
        case "eval":
            inside = callee_of(first) if first is not None and first.type == "call" else None
            found.binds_unknown |= inside in {"parse", "str2expression", "str2lang"}
            found.reads_any |= inside in {"parse", "str2expression", "str2lang"}
        case "setMethod" | "setGeneric" | "setClass" | "setRefClass" | "setValidity" | "new" | "R6Class":
            _class(reader, callee, given)
        case _ if callee in _SHELLS:
            found.resources_read.add("file ?")
            found.resources_changed.add("file ?")
    return False


def _message(reader: Reader, inner: Node, *, quoted: bool) -> None:
    """`counter$add(...)`: the thing may change."""
    reader.visit(inner, quoted=quoted)
    root = root_of(inner)
    if root is not None:
        reader.found.messages.add(root)


def _changes(reader: Reader, value: Node) -> None:
    root = root_of(value)
    if root is not None:
        reader.found.changed.add(root)
        reader.found.references.add(root)


def _rest(reader: Reader, given: Sequence[Argument], *, quoted: bool) -> None:
    for each in given:
        reader.visit(each.value, quoted=quoted)


def _carry_all(reader: Reader, given: Sequence[Argument]) -> None:
    """Code that is only looked at: it may run later, and its assignments with it."""
    inner = reader.inside()
    _rest(inner, given, quoted=True)
    reader.found.carries |= (inner.found.reads | inner.found.carries) - reader.bound


def _scoped(reader: Reader, callee: str, given: Sequence[Argument], *, quoted: bool) -> None:
    """Code that runs in a scope of its own: what it binds stays there."""
    takes_data = callee in {"with", "within"}
    if takes_data and given:
        reader.visit(given[0].value, quoted=quoted)
    inner = reader.inside()
    _rest(inner, given[1:] if takes_data else given, quoted=quoted or takes_data)
    for name in sorted(inner.found.reads):
        reader.read(name, quoted=quoted)
    inner.found.carries -= reader.bound
    reader.found.add(inner.found)
    reader.is_stateful |= inner.is_stateful


def _attach(reader: Reader, given: Sequence[Argument]) -> None:
    found = reader.found
    names = {
        name
        for each in given
        if each.name in {None, "package"} and (name := name_of(each.value)) and name not in reader.bound
    }
    found.attaches |= names
    found.packages |= names
    found.resources_read.add(PACKAGES)
    found.resources_changed.add(PACKAGES)
    for each in given:
        if each.name == "character.only" or (each.value is not None and each.value.type == "call"):
            _carry_all(reader, given)


def _remove(reader: Reader, given: Sequence[Argument]) -> None:
    found = reader.found
    names: set[str] = set()
    for each in given:
        if each.name is None and (name := name_of(each.value)):
            names.add(name)
        elif each.name == "list" and each.value is not None:
            inside = arguments_of(each.value) if each.value.type == "call" else [each]
            callee = callee_of(each.value) if each.value.type == "call" else None
            found.deletes_all |= callee == "ls"
            names |= {text for one in inside if (text := string_of(one.value)) is not None} if callee != "ls" else set()
    if reader.outer is not None:
        return
    for name in names:
        reader.read(name, quoted=True)
    if found.deletes_all:
        names |= set(found.binds)
    found.deletes |= names
    reader.bound -= names
    reader.maybe -= names
    for name in names:
        found.binds.pop(name, None)
        found.functions.pop(name, None)


def _assign(reader: Reader, given: Sequence[Argument]) -> None:
    name = string_of(argument(given, 0, "x"))
    place = argument(given, 2, "envir") or argument(given, 2, "pos")
    where = text_of(place) if place is not None else None
    if where is not None and where not in _GLOBAL:
        if place is not None:
            _changes(reader, place)
    elif name is None:
        reader.found.binds_unknown = True
    elif where in {".GlobalEnv", "globalenv()"} and reader.outer is not None:
        reader.found.sets.add(name)
    else:
        reader.bind(name)


def _class(reader: Reader, callee: str, given: Sequence[Argument]) -> None:
    """S4 and reference classes are known to the session by their name, generic functions by theirs."""
    found = reader.found
    texts = [text for each in given if (text := string_of(each.value)) is not None]
    classes = texts[:1] if callee in {"setClass", "setRefClass", "new", "setValidity"} else texts[1:]
    parents = [text for each in given if each.name in {"contains", "inherit"} and (text := string_of(each.value))]
    for each in [*classes, *parents]:
        found.resources_read.add(f"class {each} of R")
    if callee in {"new", "R6Class"}:
        return
    for each in classes:
        found.resources_changed.add(f"class {each} of R")
    if callee in {"setClass", "setRefClass"}:
        found.resources_read -= {f"class {each} of R" for each in classes}
    if callee in {"setMethod", "setGeneric"} and texts:
        if callee == "setMethod":
            reader.read(texts[0], quoted=True)
        reader.bind(texts[0])
