"""A first, rough answer to what a cell changes in place."""

import ast
import builtins

_PURE = frozenset(
    "head tail describe info mean sum count groupby show select filter where withColumn join agg copy items keys values "
    "toPandas collect orderBy sort_values merge reset_index drop rename fillna dropna isnull plot hist "
    "split strip lower upper format replace startswith endswith cache persist write printSchema".split()
)


def find_mutations(tree: ast.Module) -> set[str]:
    imported = {
        (alias.asname or alias.name.partition(".")[0])
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in dir(builtins):
                continue
            if isinstance(node.func, ast.Attribute):
                root = _root(node.func)
                if node.func.attr in _PURE or root in imported:
                    continue
                found.add(root)
            found |= {_root(value) for value in [*node.args, *(keyword.value for keyword in node.keywords)]}
    return found - {""}


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
