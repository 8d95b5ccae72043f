"""Modules that lie beside the ad-hoc notebook move to commonlib: a production notebook runs elsewhere."""

import ast
import posixpath
from collections.abc import Collection
from dataclasses import replace

from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Moved, Snapshot, name_of
from nbpromote.promotion.modules_beside import find_modules, problem_of
from nbpromote.promotion.passes.imports import import_lines
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite, rewrite
from nbpromote.promotion.search_path import find_added


def apply(draft: Draft, snapshot: Snapshot) -> Draft:
    """Find the modules that the cells that stay import, and those that these import, and lead all imports to them."""
    here = posixpath.dirname(draft.options.source)
    added = [one for one in find_added(draft) if one.folder != "."]  # production notebooks run in the root
    folders = (here, *(one.folder for one in added))
    moved: dict[str, Moved] = {}
    for cell in draft.kept_code:
        for one in draft.facts.of(cell.id).imports:
            root = one.module.partition(".")[0]
            if not root or root == "commonlib" or one.level:
                continue
            asked = [one.module, *([f"{one.module}.{one.attribute}"] if one.attribute else [])]
            found = {name: each for name, each in find_modules(asked, folders, snapshot).items() if name not in moved}
            problem = next((told for module in found.values() if (told := problem_of(module, snapshot))), None)
            if problem is not None:
                reason, hint = problem
                hint += f"; or move it into commonlib by hand, and write: from commonlib import {root}"
                draft = draft.refusing("PR304", cell, one.span, f"imports {root}, which {reason}", hint)
                continue
            moved |= found
            where = f"it lies beside the notebook, which runs elsewhere in production ({name_of(cell)})"
            for each in found.values():
                if not each.source.endswith("/"):
                    what = f"moves to {each.module}, as it is"
                    subject = posixpath.relpath(each.source, here)
                    draft = draft.deciding(Decision(DecisionKind.LIFTED, subject, what, where))
    if not moved:
        return draft
    names = frozenset(module.root for module in moved.values())
    modules = tuple(replace(each, text=led_to_commonlib(each.text, names)) for each in moved.values())
    draft = replace(draft, moved=modules)
    for place in added:
        if any(module.source.startswith(f"{place.folder}/") for module in moved.values()):
            draft = draft.rewriting(*place.lines)
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is not None:
            top = {id(node) for node in code.tree.body if isinstance(node, ast.stmt) and not _is_star(node)}
            draft = draft.rewriting(*_rewrites(cell.id, code, names, leaving=top))
    return draft


def keep_apart(draft: Draft, _: Snapshot) -> Draft:
    """Refuse a moved module and lifted functions that would be one file; known once functions have been lifted."""
    names = {one.root for one in draft.moved}
    if not draft.lifted or draft.options.module not in names:
        return draft
    for cell in draft.kept_code:
        for one in draft.facts.of(cell.id).imports:
            if one.module.partition(".")[0] in names:
                name = draft.options.module
                message = f"needs {name}.py beside the notebook, and functions of the notebook would move to that name"
                hint = "name another module for the functions with --module"
                return draft.refusing("PR304", cell, one.span, message, hint)
    return draft


def led_to_commonlib(text: str, names: Collection[str]) -> str:
    """A module's text with its imports of these modules led to commonlib; all else stays byte for byte."""
    code = parse_cell(text)
    return rewrite(text, _rewrites("", code, names)) if code is not None else text


def _rewrites(cell_id: str, code: CellCode, names: Collection[str], leaving: Collection[int] = ()) -> list[Rewrite]:
    found = []
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in leaving and set(_roots(node)) & set(names):
            span = code.span(node)
            found.append(Rewrite(cell_id, span, _written(node, names, " " * span.column)))
    return found


def _written(node: ast.Import | ast.ImportFrom, names: Collection[str], indent: str) -> str:
    if _is_star(node):
        assert isinstance(node, ast.ImportFrom)
        return f"from commonlib.{node.module} import *"
    return f"\n{indent}".join(import_lines(node, names).values())


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _roots(node: ast.AST) -> list[str]:
    """The modules that an import statement names, by their first part."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []
