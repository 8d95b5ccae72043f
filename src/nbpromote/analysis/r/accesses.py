"""What calls of R read and write."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nbpromote.analysis.facts import Access, AccessKind, Direction, TargetKind
from nbpromote.analysis.literals.kinds import looks_like_path
from nbpromote.analysis.r.calls import argument, arguments_of
from nbpromote.analysis.r.grammar import string_of, text_of
from nbpromote.analysis.r.language import AccessSpec, language
from nbpromote.analysis.sql import find_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from nbpromote.analysis.facts import Span

_URL = re.compile(r"(?:https?|ftp)://", re.I)
# Functions of unknown packages that say by their name what they do; only a path as an argument makes it sure.
_READS = re.compile(r"(?:read|load|import|fetch)[._]|^(?:read|load)[A-Z]")
_WRITES = re.compile(r"(?:write|save|export)[._]|^(?:write|save)[A-Z]")
_JOINING = frozenset({"file.path", "here", "path", "paste0", "glue", "str_c", "fs_path"})
_MEMORY = frozenset({"text", "con"})


def find_accesses(
    callee: str, node: Node, piped: Node | None, span_of: Callable[[Node], Span], constants: Mapping[str, str]
) -> Iterator[Access]:
    """What this call reads and writes; `constants` are the names that are bound to one text only."""
    specs = language().accesses.get(callee) or _guessed(callee, node)
    given = arguments_of(node)
    for spec in specs:
        shift = 1 if piped is not None else 0
        named = _argument_at(node, piped, spec.at, spec.name)
        if named is None or (named.type in {"null", "call"} and _is_connection(named)):
            continue
        if any(each.name == "text" for each in given) and spec.direction is Direction.READ:
            continue
        target = _text(named, constants)
        kind = spec.kind
        if kind is AccessKind.FILE and target is not None and _URL.match(target):
            kind = AccessKind.URL
        if kind is AccessKind.FILE and target is not None and ("\n" in target or not target):
            continue
        data = _argument_at(node, piped, spec.data, None) if spec.data is not None else None
        is_inside = data is not None and not (shift and spec.data == 0)
        access = Access(
            spec.direction or Direction.READ,
            kind,
            callee,
            span_of(node),
            target,
            TargetKind.LITERAL
            if named.type == "string"
            else TargetKind.NAME
            if named.type == "identifier"
            else TargetKind.COMPUTED,
            text_of(named),
            span_of(named),
            spec.format,
            _mode(node) or spec.mode,
            text_of(data) if data is not None else None,
            span_of(data) if data is not None and is_inside else None,
        )
        if spec.direction is None:
            yield from _queried(access, target)
        else:
            yield access


def _queried(access: Access, text: str | None) -> Iterator[Access]:
    if text is None:
        yield replace(access, target=None)
        return
    for use in find_query(text).uses:
        yield replace(access, direction=use.direction, kind=use.kind, target=use.name, mode=use.mode, format=use.format)


def _argument_at(node: Node, piped: Node | None, at: int | None, name: str | None) -> Node | None:
    given = arguments_of(node)
    if piped is None or at is None:
        return argument(given, at, name)
    return argument(given, None, name) or (piped if at == 0 else argument(given, at - 1, None))


def _guessed(callee: str, node: Node) -> tuple[AccessSpec, ...]:
    direction = Direction.WRITE if _WRITES.search(callee) else Direction.READ if _READS.search(callee) else None
    if direction is None or callee in language().given:
        return ()
    for place, each in enumerate(each for each in arguments_of(node) if each.name is None):
        text = string_of(each.value)
        if text and looks_like_path(text):
            return (AccessSpec(direction, AccessKind.FILE, at=place),)
    return ()


def _is_connection(node: Node) -> bool:
    inner = node.child_by_field_name("function")
    return inner is not None and text_of(inner) in {"stdout", "stderr", "stdin", "textConnection", "rawConnection"}


def _text(node: Node, constants: Mapping[str, str]) -> str | None:
    """The text that this gives, as far as it is known."""
    if node.type == "identifier":
        return constants.get(text_of(node).strip("`"))
    if node.type == "call":
        inner = node.child_by_field_name("function")
        callee = text_of(inner) if inner is not None else ""
        parts = [_text(each.value, constants) if each.value is not None else None for each in arguments_of(node)]
        known = [part for part in parts if part is not None]
        if len(known) != len(parts) or not parts:
            return None
        if callee in {"file.path", "here", "here::here"}:
            return "/".join(known)
        return "".join(known) if callee in {"paste0", "url", "file", "gzfile", "I"} else None
    return string_of(node)


def _mode(node: Node) -> str | None:
    for each in arguments_of(node):
        if each.name in {"append", "overwrite", "mode"} and each.value is not None:
            text = text_of(each.value).strip("\"'")
            if each.name == "mode":
                return text
            if text in {"TRUE", "T"}:
                return each.name
    return None
