"""A production notebook that has its own copy of what commonlib has: the same notebook, importing it."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbpromote.analysis.clones import DefinitionNode, Scope, read_scope
from nbpromote.analysis.clones.scope import reads_of
from nbpromote.analysis.facts import Span
from nbpromote.promotion.assemble import sorted_imports
from nbpromote.promotion.handing import before_closing, joined, point
from nbpromote.promotion.library import Known, keys_of
from nbpromote.promotion.passes.imports import import_lines
from nbpromote.promotion.rewriting import Lines, Rewrite, rewrite
from nbpromote.promotion.sharing import Called, Match, find_match, use_of

_CELL = "# %%"
_GAP = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Replaced:
    """One definition that a notebook imports now: under its name there, and what commonlib calls it."""

    name: str
    known: Known


@dataclass(frozen=True, slots=True)
class Deduped:
    """A production notebook's text without its copies, and what it imports instead."""

    text: str
    replaced: tuple[Replaced, ...] = ()


def without_copies(text: str, library: Sequence[Known]) -> Deduped:
    """The notebook with the definitions gone that commonlib has, and its imports of copies led to one of them.

    Only what is the same code is replaced; calls follow, as in a promotion. A notebook that is not Python throughout is
    left as it is.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Deduped(text)
    edits: list[Rewrite] = []
    replaced: list[Replaced] = []
    imports: list[str] = []
    scope = read_scope(tree.body, keys_of(library)).without_constants()
    matches = _matches(scope, tree, library)
    gone = [scope.definitions[name] for name in matches]
    kept_names = _names(one for one in tree.body if one not in gone)
    for name, match in matches.items():
        replaced.append(Replaced(name, match.known))
        imports += [match.import_line(name)] if name in kept_names else []
        edits += [Rewrite("", _whole(scope.definitions[name], text), ""), *_call_edits(name, match, tree, text)]
    preferred = _preferred(library)
    own = [one for one in tree.body if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("commonlib")]
    for statement in own:
        for name, line in import_lines(statement).items():
            known = preferred.get(f"{statement.module}.{line.rpartition(' import ')[2].partition(' as ')[0]}")
            imports.append(line if known is None else Match(known).import_line(name))
            replaced += [Replaced(name, known)] if known is not None else []
    if not replaced:
        return Deduped(text)
    edits += _import_edits(tree, own, sorted_imports(imports), text)
    edits += [
        Rewrite("", _lines_of(one), "")
        for one in tree.body
        if isinstance(one, ast.Import | ast.ImportFrom) and one not in own and _names(gone) - kept_names >= _binds(one)
    ]
    return Deduped(_tidied(rewrite(text, edits), text), tuple(replaced))


def _names(statements: Iterable[ast.stmt]) -> set[str]:
    return {node.id for one in statements for node in ast.walk(one) if isinstance(node, ast.Name)}


def _binds(one: ast.Import | ast.ImportFrom) -> set[str]:
    return {(alias.asname or alias.name).split(".")[0] for alias in one.names}


def _matches(scope: Scope, tree: ast.Module, library: Sequence[Known]) -> dict[str, Match]:
    """The definitions that commonlib has the same; those that call others come after these."""
    forms = scope.forms()
    found: dict[str, Match] = {}
    for _ in forms:
        before = len(found)
        for name in forms.keys() - found.keys():
            node = scope.definitions[name]
            passed = {key: one for called in reads_of(node) & found.keys() for key, one in found[called].handed.items()}
            needed = tuple(dict.fromkeys((*forms[name].keywords, *passed.values())))
            match = find_match(node, forms[name], Called(needed, passed, use_of(name, [tree])), library)
            if match is not None and not match.differing:
                found[name] = match
        if len(found) == before:
            break
    return {name: found[name] for name in forms if name in found}


def _preferred(library: Iterable[Known]) -> dict[str, Known]:
    """For each definition of commonlib that has a twin there, by whole name, the one that stands for all."""
    by_key: dict[str, list[Known]] = {}
    for known in library:
        if not known.name.startswith("_"):
            by_key.setdefault(f"{known.form.key} {known.required} {known.form.parameters} {known.name}", []).append(
                known
            )
    found = {}
    for twins in by_key.values():
        if len(twins) > 1:
            first = min(twins, key=lambda one: one.whole_name)
            found.update({one.whole_name: first for one in twins if one is not first})
    return found


def _call_edits(name: str, match: Match, tree: ast.Module, text: str) -> list[Rewrite]:
    edits = []
    lines = Lines(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != name:
            continue
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg in match.renamed:
                start = _offset(lines, keyword.lineno, keyword.col_offset)
                first, end = point(lines, start), point(lines, start + len(keyword.arg))
                span = Span(first.line, first.column, end.line, end.column)
                edits.append(Rewrite("", span, match.renamed[keyword.arg]))
        if match.handed:
            begin = _offset(lines, node.lineno, node.col_offset)
            at, last = before_closing(text[begin:], opening_after=name)
            given = ", ".join(f"{keyword}={variable}" for keyword, variable in sorted(match.handed.items()))
            edits.append(Rewrite("", point(lines, begin + at), joined(last, given)))
    return edits


def _offset(lines: Lines, line: int, column: int) -> int:
    row = lines.line_text(line)
    return lines.offset(line, len(row.encode()[:column].decode("utf-8", "ignore")))


def _whole(node: DefinitionNode, text: str) -> Span:
    """The lines of a definition with its decorators and the comments right above; a cell's marker stays."""
    lines = Lines(text)
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    while first > 1 and lines.line_text(first - 1).startswith("#") and not lines.line_text(first - 1).startswith(_CELL):
        first -= 1
    return Span(first, 0, (node.end_lineno or node.lineno) + 1, 0)


def _import_edits(tree: ast.Module, own: Sequence[ast.stmt], block: str, text: str) -> list[Rewrite]:
    """The edits that put these imports of commonlib where its imports stand, or after the others, or first."""
    if own:
        return [Rewrite("", _lines_of(own[0]), f"{block}\n"), *(Rewrite("", _lines_of(one), "") for one in own[1:])]
    others = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
    if others:
        line = _lines_of(others[-1]).end_line
        return [Rewrite("", Span(line, 0, line, 0), f"\n{block}\n")]
    rows = text.split("\n")
    line = next((n for n, row in enumerate(rows, 1) if row.startswith(_CELL) and "[markdown]" not in row), len(rows))
    return [Rewrite("", Span(line, 0, line, 0), f"{_CELL}\n{block}\n\n")]


def _lines_of(one: ast.stmt) -> Span:
    return Span(one.lineno, 0, (one.end_lineno or one.lineno) + 1, 0)


def _tidied(text: str, before: str) -> str:
    """Without cells that have become empty, and without the blank lines that definitions left in others."""
    untouched = set(before.split(f"\n{_CELL}"))
    kept = []
    for place, cell in enumerate(text.split(f"\n{_CELL}")):
        marker, _, body = cell.partition("\n")
        if not place or cell in untouched or marker.strip():
            kept.append(cell)
        elif body.strip():
            tidy = _GAP.sub("\n\n\n", body.strip("\n"))
            kept.append(f"{marker}\n{tidy}\n")
    return f"\n{_CELL}".join(kept)
