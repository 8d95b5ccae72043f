"""The names that expressions and targets use."""

import ast

from nbpromote.analysis.names.ways import Ways
from nbpromote.analysis.scopes import (
    COMPREHENSIONS,
    NOTHING,
    Comprehension,
    comprehension_targets,
    header_of,
    outer_names,
)


class Expressions(Ways):
    """Reads expressions and targets."""

    def target(self, node: ast.AST) -> None:
        match node:
            case ast.Name(ctx=ast.Store()):
                self.bind(node.id)
            case ast.Name(ctx=ast.Del()):
                self.delete(node.id)
            case ast.Tuple() | ast.List():
                for element in node.elts:
                    self.target(element)
            case ast.Starred():
                self.target(node.value)
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expression(child)

    def expression(self, node: ast.AST, local: frozenset[str] = NOTHING) -> None:
        # An explicit stack: long sums and method chains nest deeper than Python's recursion goes.
        stack: list[ast.AST] = [node]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                if node.id not in local:
                    self.load(node.id)
            elif isinstance(node, ast.Lambda):
                stack.extend(header_of(node))
                names = outer_names(node)
                for name in (names.late | names.reads) - local:
                    self.load(name)
            elif isinstance(node, COMPREHENSIONS):
                self.comprehension(node, local)
            elif isinstance(node, ast.NamedExpr):
                self.expression(node.value, local)
                self.bind(node.target.id)
            elif isinstance(node, ast.stmt):
                self.statement(node)
            else:
                stack.extend(reversed(list(ast.iter_child_nodes(node))))

    def comprehension(self, node: Comprehension, local: frozenset[str]) -> None:
        inner = local | comprehension_targets(node)
        for index, generator in enumerate(node.generators):
            self.expression(generator.iter, local if index == 0 else inner)
            for condition in generator.ifs:
                self.expression(condition, inner)
        for element in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.expression(element, inner)
