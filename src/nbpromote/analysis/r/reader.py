"""The names in R code: what it binds, reads and changes.

R copies on change: `x$a <- 1` binds `x` anew and changes no other name that had the same value. Changed in place are
environments and what is made of them, and data.table's tables.
https://cran.r-project.org/doc/manuals/r-release/R-lang.html#Scope
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbpromote.analysis.r.calls import Argument, arguments_of, callee_of, note_call
from nbpromote.analysis.r.found import Found, Function
from nbpromote.analysis.r.grammar import name_of, root_of, text_of
from nbpromote.analysis.r.language import language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_PIPES = frozenset({"|>", "%>%", "%<>%", "%T>%", "%$%", "%!>%"})
_SET_LEFT = frozenset({"<-", "=", "<<-", "%<-%"})
_SET_RIGHT = frozenset({"->", "->>", "%->%"})


class Reader:
    """Reads code in one scope: the session's, or that of a function."""

    def __init__(self, found: Found, parameters: Iterable[str] = (), *, outer: Reader | None = None) -> None:
        self.found = found
        self.outer = outer
        self.bound = set(parameters)
        self.maybe: set[str] = set()
        self.is_stateful = False

    def inside(self) -> Reader:
        """A reader of code that runs in a scope of its own inside this one."""
        return Reader(Found(), outer=self)

    def read(self, name: str, *, quoted: bool = False) -> None:
        """Take the value of a name."""
        if name not in self.bound:
            (self.found.carries if quoted or name in self.maybe else self.found.reads).add(name)

    def bind(self, name: str) -> None:
        """Give a name a value."""
        self.bound.add(name)
        self.found.binds[name] = None

    def set_outside(self, name: str) -> None:
        """Give a name a value in the nearest scope around this one that has it (`<<-`)."""
        scope = self.outer
        while scope is not None:
            if scope.outer is not None and (name in scope.bound or name in scope.maybe):
                scope.is_stateful = True
                return
            scope = scope.outer
        if self.outer is None:
            self.bind(name)
        else:
            self.found.sets.add(name)

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """Code that may not run."""
        before = set(self.bound)
        yield
        self.maybe |= self.bound - before
        self.bound = before

    def all(self, nodes: Iterable[Node], *, quoted: bool = False) -> None:
        for node in nodes:
            self.visit(node, quoted=quoted)

    def visit(self, node: Node | None, *, quoted: bool = False) -> None:  # noqa: PLR0912
        """Follow one expression; `quoted` where its names may be columns."""
        if node is None:
            return
        match node.type:
            case "identifier":
                self.read(name_of(node) or "", quoted=quoted)
            case "binary_operator":
                self._binary(node, quoted=quoted)
            case "unary_operator":
                self.all(node.named_children, quoted=quoted or text_of(node.children[0]) in {"~", "?"})
            case "call":
                self._call(node, quoted=quoted)
            case "subset" | "subset2":
                self._subset(node, quoted=quoted)
            case "extract_operator":
                self.visit(node.child_by_field_name("lhs"), quoted=quoted)
            case "namespace_operator":
                self.found.packages.add(name_of(node.child_by_field_name("lhs")) or "")
            case "function_definition":
                self._run(self.function(node), quoted=quoted)
            case "if_statement":
                self._if(node, quoted=quoted)
            case "for_statement":
                self.visit(node.child_by_field_name("sequence"), quoted=quoted)
                self.bind(name_of(node.child_by_field_name("variable")) or "")
                with self.perhaps():
                    self.visit(node.child_by_field_name("body"), quoted=quoted)
            case "while_statement":
                self.visit(node.child_by_field_name("condition"), quoted=quoted)
                with self.perhaps():
                    self.visit(node.child_by_field_name("body"), quoted=quoted)
            case _:
                self.all(node.named_children, quoted=quoted)

    def function(self, node: Node) -> Function:
        """What calling this function does."""
        found = Found()
        places = node.child_by_field_name("parameters")
        parameters = [each for each in (places.named_children if places else ()) if each.type == "parameter"]
        names = [name for each in parameters if (name := name_of(each.child_by_field_name("name")))]
        inner = Reader(found, names, outer=self)
        for each in parameters:
            inner.visit(each.child_by_field_name("default"))
        inner.visit(node.child_by_field_name("body"))
        own = set(names) | set(found.binds)
        found.reads -= set(names)
        found.carries = (found.carries | (found.reads & own)) - set(names)
        found.touched -= own - found.reads - found.carries
        found.changed -= set(found.binds) - set(names)
        found.messages -= set(found.binds) - set(names)
        return Function(found, tuple(names), node, inner.is_stateful)

    def _run(self, function: Function, *, quoted: bool) -> None:
        """A function that is given to something is taken to be called there."""
        for name in sorted(function.found.reads):
            self.read(name, quoted=quoted)
        inner = Found()
        inner.add(function.found)
        parameters = set(function.parameters)
        inner.carries -= self.bound
        inner.changed -= parameters
        inner.messages -= parameters
        for name in function.found.sets:
            self.maybe.add(name)
        self.is_stateful |= function.is_stateful
        self.found.add(inner)

    def _binary(self, node: Node, *, quoted: bool) -> None:
        left, right = node.child_by_field_name("lhs"), node.child_by_field_name("rhs")
        operator = text_of(node.child_by_field_name("operator") or node)
        if operator in _SET_LEFT or operator in _SET_RIGHT:
            target, value = (left, right) if operator in _SET_LEFT else (right, left)
            self._set(target, value, is_outside=operator in {"<<-", "->>"}, quoted=quoted)
        elif operator in _PIPES:
            self.visit(left, quoted=quoted)
            if right is not None and right.type == "call":
                self._call(right, quoted=quoted, piped=left)
            else:
                self.visit(right, quoted=quoted)
            if operator == "%<>%" and left is not None:
                self._target(left, is_outside=False)
        elif operator in {"~", "?"}:
            self.all([each for each in (left, right) if each is not None], quoted=True)
        elif operator in {"&&", "||"}:
            self.visit(left, quoted=quoted)
            with self.perhaps():
                self.visit(right, quoted=quoted)
        else:
            if operator.startswith("%"):
                self.read(operator, quoted=True)
            self.visit(left, quoted=quoted)
            self.visit(right, quoted=quoted)

    def _set(self, target: Node | None, value: Node | None, *, is_outside: bool, quoted: bool) -> None:
        name = name_of(target)
        function = self._function_of(value)
        if function is None or function.node is None:
            self.visit(value, quoted=quoted)
        if name is not None and value is not None:
            if function is not None:
                self.found.functions[name] = function
            if value.type == "identifier":
                self.found.shared.add((name, name_of(value) or ""))
            callee = callee_of(value) if value.type == "call" else None
            if callee is not None and (callee in language().references or callee.endswith("$new")):
                self.found.references.add(name)
            elif callee is not None:
                self.found.passed.add((callee, f"<- {name}"))
        if target is not None:
            self._target(target, is_outside=is_outside)

    def _function_of(self, value: Node | None) -> Function | None:
        """The function that is bound, or the functions that what is bound is made of."""
        if value is None:
            return None
        if value.type == "parenthesized_expression" and value.named_children:
            return self._function_of(value.named_children[0])
        if value.type == "function_definition":
            return self.function(value)
        if value.type == "call" and (callee_of(value) or "") in language().factories:
            found = Found()
            Reader(found, outer=self).visit(value)
            found.carries |= found.reads
            found.reads = set()
            return Function(found)
        return None

    def _target(self, target: Node, *, is_outside: bool) -> None:  # noqa: PLR0912
        """What is assigned to."""
        name = name_of(target)
        if name is not None:
            if is_outside:
                self.set_outside(name)
            else:
                self.bind(name)
            return
        match target.type:
            case "parenthesized_expression":
                self.all(target.named_children[:1])
            case "call":
                callee, given = callee_of(target), arguments_of(target)
                if callee == "c":
                    for each in given:
                        if each.value is not None:
                            self._target(each.value, is_outside=is_outside)
                    return
                self.found.carries.add(f"{callee}<-")
                for each in given[1:]:
                    self.visit(each.value)
                if given and given[0].value is not None:
                    self._replaced(given[0].value, is_outside=is_outside)
            case "subset" | "subset2":
                for each in arguments_of(target):
                    self.visit(each.value, quoted=target.type == "subset")
                inner = target.child_by_field_name("function")
                if inner is not None:
                    self._replaced(inner, is_outside=is_outside)
            case "extract_operator":
                inner = target.child_by_field_name("lhs")
                if inner is not None:
                    self._replaced(inner, is_outside=is_outside)

    def _replaced(self, target: Node, *, is_outside: bool) -> None:
        """A part of this is replaced."""
        name = name_of(target)
        if name is not None:
            self.read(name)
            if name not in self.found.binds or self.outer is None:
                self.found.touched.add(name)
        self._target(target, is_outside=is_outside)

    def _if(self, node: Node, *, quoted: bool) -> None:
        self.visit(node.child_by_field_name("condition"), quoted=quoted)
        before = set(self.bound)
        ways: list[set[str]] = []
        for each in ("consequence", "alternative"):
            self.bound = set(before)
            self.visit(node.child_by_field_name(each), quoted=quoted)
            ways.append(self.bound)
        self.bound = ways[0] & ways[1]
        self.maybe |= (ways[0] | ways[1]) - self.bound

    def _subset(self, node: Node, *, quoted: bool) -> None:
        inner = node.child_by_field_name("function")
        self.visit(inner, quoted=quoted)
        for each in arguments_of(node):
            if _has_walrus(each) and inner is not None and (root := root_of(inner)):
                self.found.changed.add(root)
                self.found.references.add(root)
            self.visit(each.value, quoted=quoted or node.type == "subset")

    def _call(self, node: Node, *, quoted: bool, piped: Node | None = None) -> None:
        note_call(self, node, piped, quoted=quoted)


def _has_walrus(argument: Argument) -> bool:
    node = argument.value
    if node is None:
        return False
    if node.type == "binary_operator":
        return text_of(node.child_by_field_name("operator") or node) == ":="
    inner = node.child_by_field_name("function") if node.type == "call" else None
    return inner is not None and text_of(inner) == "`:=`"
