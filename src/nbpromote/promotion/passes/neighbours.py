"""Modules that lie beside the ad-hoc notebook move to commonlib: a production notebook runs elsewhere."""

import ast
import posixpath
from collections.abc import Collection
from dataclasses import replace

from nbpromote.analysis.facts import Import
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Moved, Snapshot, name_of
from nbpromote.promotion.passes.imports import import_lines
from nbpromote.promotion.plan import Decision, DecisionKind
from nbpromote.promotion.rewriting import Rewrite, rewrite


def apply(draft: Draft, snapshot: Snapshot) -> Draft:
    """Find the modules that the cells that stay import, and those that these import, and lead all imports to them."""
    folder = posixpath.dirname(draft.options.source)
    moved: dict[str, Moved] = {}
    for cell in draft.kept_code:
        for one in draft.facts.of(cell.id).imports:
            root = one.module.partition(".")[0]
            if not root or root == "commonlib" or root in moved or one.level:
                continue
            found = _found(root, folder, snapshot) or _in_a_folder(one, posixpath.join(folder, root), snapshot)
            problem = _problem(found, snapshot)
            if problem is not None:
                reason, hint = problem
                hint += f"; or move it into commonlib by hand, and write: from commonlib import {root}"
                draft = draft.refusing("PR304", cell, one.span, f"imports {root}, which {reason}", hint)
            elif found:
                where = f"it lies beside the notebook, which runs elsewhere in production ({name_of(cell)})"
                moved |= found
                for each in found.values():
                    what = f"moves to commonlib.{each.name}, as it is"
                    draft = draft.deciding(Decision(DecisionKind.LIFTED, posixpath.basename(each.source), what, where))
    if not moved:
        return draft
    names = frozenset(moved)
    modules = tuple(replace(one, text=led_to_commonlib(one.text, names)) for one in moved.values())
    draft = replace(draft, moved=modules)
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is not None:
            top = {id(node) for node in code.tree.body if isinstance(node, ast.stmt) and not _is_star(node)}
            draft = draft.rewriting(*_rewrites(cell.id, code, names, leaving=top))
    return draft


def keep_apart(draft: Draft, _: Snapshot) -> Draft:
    """Refuse a moved module and lifted functions that would be one file; known once functions have been lifted."""
    names = {one.name for one in draft.moved}
    if not draft.lifted or draft.options.module not in names:
        return draft
    for cell in draft.kept_code:
        for one in draft.facts.of(cell.id).imports:
            if one.module in names:
                name = draft.options.module
                message = f"needs {name}.py beside the notebook, and functions of the notebook would move to that name"
                hint = "name another module for the functions with --module"
                return draft.refusing("PR304", cell, one.span, message, hint)
    return draft


def led_to_commonlib(text: str, names: Collection[str]) -> str:
    """A module's text with its imports of these modules led to commonlib; all else stays byte for byte."""
    code = parse_cell(text)
    return rewrite(text, _rewrites("", code, names)) if code is not None else text


def _found(root: str, folder: str, snapshot: Snapshot) -> dict[str, Moved]:
    """The module of this name beside the notebook, and those beside it that it imports; empty when there is none."""
    found: dict[str, Moved] = {}
    open_names = [root]
    while open_names:
        name = open_names.pop()
        path = posixpath.join(folder, f"{name}.py")
        package = posixpath.join(folder, name, "__init__.py")
        content = snapshot.read_bytes(path)
        if content is None and snapshot.read_bytes(package) is not None:
            found[name] = Moved(name, package, "")
        elif content is not None and name not in found:
            text = content.decode("utf-8-sig", "replace")
            found[name] = Moved(name, path, text)
            code = parse_cell(text)
            for node in ast.walk(code.tree) if code else ():
                open_names += [one for one in _roots(node) if one not in found and one != "commonlib"]
    return found


def _in_a_folder(imported: Import, folder: str, snapshot: Snapshot) -> dict[str, Moved]:
    """The folder without an `__init__.py` that holds the module that is imported, where there is one."""
    root, _, inner = imported.module.partition(".")
    held = {posixpath.basename(one) for one in snapshot.files(folder)}
    is_here = f"{inner.partition('.')[0] or imported.attribute}.py" in held
    return {root: Moved(root, f"{folder}/", "")} if is_here else {}


def _problem(found: dict[str, Moved], snapshot: Snapshot) -> tuple[str, str] | None:
    """Why these modules cannot move as they are, and what to do; None when they can."""
    for one in found.values():
        code = parse_cell(one.text)
        if one.source.endswith(("/__init__.py", "/")):
            return f"lies beside the notebook as a folder ({one.source})", "move the folder into commonlib"
        if code is None or code.python.magics:
            return f"lies beside the notebook ({one.source}) and is not Python", "mend it"
        if snapshot.read_bytes(f"commonlib/{one.name}/__init__.py") is not None:
            return f"lies beside the notebook ({one.source}), and commonlib has a package {one.name}", "rename it"
        if any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(code.tree)):
            return f"lies beside the notebook ({one.source}) and asks where it lies", "hand that place over to it"
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(code.tree)):
            return f"lies beside the notebook ({one.source}) and imports relatively", "import by name"
    return None


def _rewrites(cell_id: str, code: CellCode, names: Collection[str], leaving: Collection[int] = ()) -> list[Rewrite]:
    found = []
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in leaving and set(_roots(node)) & set(names):
            span = code.span(node)
            found.append(Rewrite(cell_id, span, _written(node, names, " " * span.column)))
    return found


def _written(node: ast.Import | ast.ImportFrom, names: Collection[str], indent: str) -> str:
    if _is_star(node):
        return f"from commonlib.{_roots(node)[0]} import *"
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
