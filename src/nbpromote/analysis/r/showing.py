"""What R code shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpromote.analysis.r.calls import callee_of
from nbpromote.analysis.r.grammar import text_of
from nbpromote.analysis.r.language import language

if TYPE_CHECKING:
    from tree_sitter import Node

_SETTING = frozenset({"<-", "<<-", "->", "->>", "=", ":=", "%<>%", "%<-%"})


def displays(root: Node) -> bool:
    """Whether a value is printed or a plot is drawn: each statement that assigns nothing shows its value."""
    return any(_shows(each) for each in root.named_children)


def draws(callee: str) -> bool:
    """Whether a function of this name draws."""
    return callee in language().drawings


def is_peek(root: Node) -> bool:
    """Whether looking is all that the code does."""
    statements = [each for each in root.named_children if each.type != "comment"]
    return bool(statements) and all(_looks(each) for each in statements)


def _shows(node: Node) -> bool:
    match node.type:
        case "comment" | "function_definition" | "null":
            return False
        case "binary_operator":
            return text_of(node.child_by_field_name("operator") or node) not in _SETTING
        case "call":
            return (callee_of(node) or "") not in language().quiet
        case "for_statement" | "while_statement" | "repeat_statement" | "if_statement" | "braced_expression":
            return any(name in text_of(node) for name in ("print(", "cat(", "plot(", "show("))
    return True


def _looks(node: Node) -> bool:
    if node.type in {"identifier", "string", "float", "integer"}:
        return True
    if node.type in {"extract_operator", "subset", "subset2"}:
        return ":=" not in text_of(node)
    if node.type == "binary_operator" and text_of(node.child_by_field_name("operator") or node) in {"%>%", "|>"}:
        right = node.child_by_field_name("rhs")
        return right is not None and _looks(right)
    return node.type == "call" and (callee_of(node) or "") in language().looks
