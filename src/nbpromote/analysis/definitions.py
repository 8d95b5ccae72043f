"""The functions and classes that a cell defines."""

import ast
import builtins

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Definition, DefinitionKind
from nbpromote.analysis.names import CellNames, find_names
from nbpromote.analysis.scopes import FUNCTIONS, arguments_of, header_of, outer_names

_GIVEN = frozenset(dir(builtins)) | {"display", "get_ipython"}


def find_definitions(code: CellCode) -> tuple[Definition, ...]:
    """The functions and classes at the top level of the cell; what they change is not known here yet."""
    found: list[Definition] = []
    for node in code.tree.body:
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        names = outer_names(node)
        parameters: tuple[str, ...] = ()
        if not isinstance(node, ast.ClassDef):
            parameters = tuple(argument.arg for argument in arguments_of(node.args))
        found.append(
            Definition(
                name=node.name,
                kind=DefinitionKind.CLASS if isinstance(node, ast.ClassDef) else DefinitionKind.FUNCTION,
                span=code.span(node),
                parameters=parameters,
                free=frozenset(names.reads | names.late) - _GIVEN,
                mutates_free=frozenset(names.stores),
                docstring=ast.get_docstring(node),
                has_decorators=bool(node.decorator_list),
                header=frozenset(_header_names(node).reads),
            )
        )
    return tuple(found)


def _header_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> CellNames:
    expressions: list[ast.stmt] = [ast.Expr(expression) for expression in header_of(node)]
    return find_names(ast.Module(expressions, []), {})
