"""Imports come first: those of the cells that stay are gathered, and only what is used remains."""

import ast
from collections.abc import Collection
from dataclasses import replace

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.rewriting import Rewrite


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Take the import statements out of the cells; `assemble` writes those that are used into one cell."""
    moved = frozenset(one.root for one in draft.moved)
    lines: dict[str, str] = {}
    rewrites: list[Rewrite] = []
    clashing = _names_bound_twice(draft)
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for statement in code.tree.body:
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            span = code.whole_lines(statement)
            found = import_lines(statement, moved)
            if span is None or any(name in clashing or name == "*" for name in found):
                stays = import_lines(statement)
                if found != stays and "*" not in found:
                    rewrites.append(Rewrite(cell.id, code.span(statement), "; ".join(found.values())))
                continue
            lines.update(found)
            rewrites.append(Rewrite(cell.id, span, ""))
    return replace(draft, imports=tuple(dict.fromkeys((*draft.imports, *lines.values())))).rewriting(*rewrites)


# People write these either way, also both ways in one notebook.
_WRITTEN_AS_FROM = frozenset({"pyspark.sql.functions", "pyspark.sql.types", "pyspark.pandas"})


def all_import_lines(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Every name that a top-level import of the cells that stay binds -> its import lines, each once."""
    found: dict[str, dict[str, None]] = {}
    moved = frozenset(one.root for one in draft.moved)
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for statement in code.tree.body if code else ():
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for name, line in import_lines(statement, moved).items():
                    found.setdefault(name.split(".")[0], {})[line] = None
    return {name: tuple(lines) for name, lines in found.items()}


def import_lines(statement: ast.Import | ast.ImportFrom, moved: Collection[str] = ()) -> dict[str, str]:
    """Bound name -> one import line of its own, for each name that the statement binds.

    Modules that `moved` to commonlib are imported from there.
    """
    found = {}
    for alias in statement.names:
        bound = alias.asname or (alias.name.split(".")[0] if isinstance(statement, ast.Import) else alias.name)
        renamed = f" as {alias.asname}" if alias.asname and alias.asname != alias.name else ""
        root = (statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name).partition(".")[0]
        if isinstance(statement, ast.Import) and root in moved:
            package, _, name = f"commonlib.{alias.name}".rpartition(".")
            if alias.asname or name == alias.name:
                found[bound] = f"from {package} import {name}" + (f" as {bound}" if bound != name else "")
            else:
                found[bound], found[alias.name] = f"from commonlib import {root}", f"import commonlib.{alias.name}"
        elif isinstance(statement, ast.ImportFrom) and not statement.level and root in moved:
            found[bound] = f"from commonlib.{statement.module} import {alias.name}{renamed}"
        elif isinstance(statement, ast.Import) and renamed and alias.name in _WRITTEN_AS_FROM:
            package, _, name = alias.name.rpartition(".")
            found[bound] = f"from {package} import {name}{renamed}"
        elif isinstance(statement, ast.Import):
            key = bound if alias.asname else alias.name
            found[key] = f"import {alias.name}{renamed}"
        else:
            found[bound] = f"from {'.' * statement.level}{statement.module or ''} import {alias.name}{renamed}"
    return found


def _names_bound_twice(draft: Draft) -> set[str]:
    """Imported names that also mean something else in the cells that stay: those imports keep their place."""
    meanings: dict[str, set[str]] = {}
    assigned: set[str] = set()
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for statement in code.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for name, line in import_lines(statement).items():
                    meanings.setdefault(name, set()).add(line)
            else:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        assigned.add(node.id)
    return {name for name, lines in meanings.items() if len(lines) > 1 or name.split(".")[0] in assigned}
