"""R code as a syntax tree, where the grammar is installed."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

EXTRA = "nbpromote[r]"
# A tree deeper than this is not followed: each level takes a few frames of Python's own stack.
_DEEPEST = 150


def is_available() -> bool:
    """Whether R can be read here; the grammar comes with an optional dependency."""
    return _parser() is not None


def is_readable(text: str) -> bool:
    """Whether this text can be followed, even when a part of it is not R."""
    return parse(text) is not None


@lru_cache(maxsize=256)
def parse(text: str) -> Node | None:
    """The tree of an R text; None where the grammar is missing or the text nests too deep."""
    parser = _parser()
    if parser is None:
        return None
    root = parser.parse(text.encode("utf-8", "replace")).root_node
    return None if _is_too_deep(root) else root


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def name_of(node: Node | None) -> str | None:
    """The name that an identifier, a quoted name or a string gives."""
    if node is None:
        return None
    if node.type == "identifier":
        return text_of(node).strip("`")
    return string_of(node)


def string_of(node: Node | None) -> str | None:
    """The value of a string literal."""
    if node is None or node.type != "string":
        return None
    content = node.child_by_field_name("content")
    return text_of(content) if content is not None else ""


def root_of(node: Node) -> str | None:
    """`x` in `x$a[["b"]]@c` and in `(x)`."""
    while node.type in {"extract_operator", "subset", "subset2", "parenthesized_expression"}:
        inner = node.child_by_field_name("lhs") or node.child_by_field_name("function")
        if inner is None:
            inner = node.named_children[0] if node.named_children else None
        if inner is None:
            return None
        node = inner
    return name_of(node) if node.type == "identifier" else None


def first_error(root: Node) -> Node | None:
    """The first place that is not R."""
    if not root.has_error:
        return None
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            return node
        stack.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return root


@cache
def _parser() -> Parser | None:
    try:
        from tree_sitter_language_pack import get_parser

        return get_parser("r")
    except (ImportError, LookupError, OSError, ValueError, AttributeError):
        # Versions from 1.0 on would fetch the grammar over the network; they have another interface.
        return None


def _is_too_deep(root: Node) -> bool:
    cursor = root.walk()
    depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            if depth > _DEEPEST:
                return True
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
            depth -= 1
