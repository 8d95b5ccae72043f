"""Types written into the functions of a module that have none, as far as they are known."""

import ast
import io
import re
import tokenize
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nbpromote.promotion.rewriting import Lines
from nbpromote.promotion.seen import RETURN, Types

_MODULE = re.compile(r"\b(numpy|pandas|pyspark\.sql|datetime|decimal)\.(\w+)")
_ALIASES = {"numpy": "np", "pandas": "pd"}
# Rebound in the course of a function, these usually stay what they are; a number or a text does not.
_TABLES = ("pandas.DataFrame", "pandas.Series", "pyspark.sql.DataFrame")


@dataclass(frozen=True, slots=True)
class Annotated:
    """The code with types, and the imports that only they need: for type checkers, never when the code runs."""

    text: str
    imports: tuple[str, ...] = ()


def annotate(text: str, seen: Mapping[str, Types], bound: Mapping[str, str]) -> Annotated:
    """Annotate the top-level functions that have no annotation at all and no decorator.

    Args:
        text: the module's code below its imports.
        seen: the types of each function, as `seen.types_of` has them.
        bound: the names that the module's imports bind, and what they stand for (`pd`: `pandas`).
    """
    tree, lines = ast.parse(text), Lines(text)
    edits: list[tuple[int, int, str]] = []
    imports: dict[str, None] = {}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not seen.get(node.name) or not _is_bare(node):
            continue
        for name, kind in seen[node.name].items():
            written = _written(kind, bound, names)
            if written is None:
                continue
            told, needed = written
            if name == RETURN and _returns(node, kind):
                at = _behind_parameters(text, lines, node)
                edits.append((at, at, f" -> {told}"))
            elif name != RETURN and (place := _parameter(node, name, kind)) is not None:
                edits.append(_parameter_edit(lines, place, told))
            else:
                continue
            imports |= dict.fromkeys(needed)
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return Annotated(text, tuple(imports))


def _is_bare(node: ast.FunctionDef) -> bool:
    given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
    has_types = node.returns is not None or any(one is not None and one.annotation is not None for one in given)
    return not has_types and not node.decorator_list


def _parameter(node: ast.FunctionDef, name: str, kind: str) -> tuple[ast.arg, ast.expr | None, str] | None:
    """The parameter to annotate with its default; None where the type might not hold throughout."""
    if kind == "None":
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    rebound = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    for one, default in pairs:
        if one.arg != name:
            continue
        if name in rebound and kind not in _TABLES:
            return None
        if default is not None and not _fits(default, kind):
            return None
        return one, default, kind
    return None


def _fits(default: ast.expr, kind: str) -> bool:
    if not isinstance(default, ast.Constant):
        return False
    named = "None" if default.value is None else type(default.value).__name__
    return named in kind.split(" | ") or (named == "int" and "float" in kind.split(" | "))


def _parameter_edit(lines: Lines, place: tuple[ast.arg, ast.expr | None, str], told: str) -> tuple[int, int, str]:
    one, default, _ = place
    at = _offset(lines, one.end_lineno or 0, one.end_col_offset or 0)
    if default is None:
        return at, at, f": {told}"
    end = _offset(lines, default.lineno, default.col_offset)
    between = lines.source[at:end]
    return (at, end, f": {told} = ") if not between.replace("=", "", 1).strip() else (at, at, f": {told}")


def _returns(node: ast.FunctionDef, kind: str) -> bool:
    """Whether every way out of this function can be of this type."""
    own = list(_own(node))
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own):
        return False
    values = [one.value for one in own if isinstance(one, ast.Return)]
    has_none = any(value is None or (isinstance(value, ast.Constant) and value.value is None) for value in values)
    if kind == "None":
        return all(value is None for value in values)
    return (not has_none or "None" in kind.split(" | ")) and isinstance(node.body[-1], ast.Return | ast.Raise)


def _own(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function's own body, nested functions left out."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            found += [child, *_own(child)]
    return found


def _written(kind: str, bound: Mapping[str, str], names: Collection[str]) -> tuple[str, list[str]] | None:
    """The type as the module can write it, and the imports that it takes; None when a name means something else there.

    A type that needs an import is quoted: the module does not import for its types when it runs.
    """
    places = {whole: name for name, whole in bound.items()}
    needed, imports = {}, []
    for module, name in _MODULE.findall(kind):
        whole = f"{module}.{name}"
        if whole in places:
            needed[whole] = places[whole]
        elif module in places:
            needed[whole] = f"{places[module]}.{name}"
        else:
            alias = _ALIASES.get(module)
            if (alias or name) in bound or (alias or name) in names:
                return None
            needed[whole] = f"{alias}.{name}" if alias else name
            imports.append(f"import {module} as {alias}" if alias else f"from {module} import {name}")
    told = _MODULE.sub(lambda found: needed[found[0]], kind)
    return (f'"{told}"' if imports else told), imports


def _behind_parameters(text: str, lines: Lines, node: ast.FunctionDef) -> int:
    """The offset behind the parenthesis that closes a function's parameters."""
    begin = _offset(lines, node.lineno, node.col_offset)
    rows, depth = Lines(text[begin:]), 0
    for token in tokenize.generate_tokens(io.StringIO(text[begin:]).readline):
        depth += (token.string in {"(", "[", "{"}) - (token.string in {")", "]", "}"})
        if token.string == ")" and depth == 0:
            return begin + rows.offset(*token.end)
    return begin


def _offset(lines: Lines, line: int, column: int) -> int:
    return lines.offset(line, len(lines.line_text(line).encode()[:column].decode("utf-8", "ignore")))
