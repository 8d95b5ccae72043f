"""Where two definitions that are nearly the same differ, in the words of the first."""

import ast
import copy
import difflib

from nbpromote.analysis.clones.form import DefinitionNode, Form, required_keywords


def differing_lines(one: DefinitionNode, form: Form, other: DefinitionNode, other_form: Form) -> tuple[str, ...]:
    """The lines that only one of them has, as of a diff; what is merely named otherwise does not count."""
    names = dict(zip(other_form.words, form.words, strict=False)) if len(form.words) == len(other_form.words) else {}
    names[other.name] = one.name
    diff = difflib.unified_diff(_lines(one, {}), _lines(other, names), n=0, lineterm="")
    return tuple(line for line in diff if not line.startswith(("---", "+++", "@@")))


def _lines(node: DefinitionNode, names: dict[str, str]) -> list[str]:
    plain = _Plain(names).visit(copy.deepcopy(node))
    return ast.unparse(ast.fix_missing_locations(plain)).splitlines()


class _Plain(ast.NodeTransformer):
    """Without docstrings and annotations, and with names replaced."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self.names.get(node.arg, node.arg), None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._definition(node)

    def _definition(self, node: DefinitionNode) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if not isinstance(node, ast.ClassDef):
            node.returns = None
            required = required_keywords(node)
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            kept = [(one, default) for one, default in pairs if one.arg not in required]
            node.args.kwonlyargs, node.args.kw_defaults = [one for one, _ in kept], [default for _, default in kept]
        return self.generic_visit(node)
