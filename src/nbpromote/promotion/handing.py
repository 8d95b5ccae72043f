"""Free variables handed over: the edits that make them arguments of a function, and pass them wherever it is called."""

import ast
import io
import tokenize
from collections.abc import Mapping

from nbpromote.analysis.facts import Span
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.rewriting import Lines, Rewrite


def signature_edit(
    cell_id: str, code: CellCode, node: ast.FunctionDef | ast.AsyncFunctionDef, arguments: tuple[str, ...]
) -> Rewrite:
    """The edit that adds the arguments to a definition, as keyword-only parameters."""
    existing = node.args
    added = ", ".join(arguments)
    if not (existing.vararg or existing.kwonlyargs):
        added = f"*, {added}"
    lines = Lines(code.source)
    header = code.python.place_of(node)
    begin = lines.offset(header.line, header.column)
    if existing.kwarg:
        at = lines.source.rindex("**", 0, lines.start(code.span(existing.kwarg)))
        return Rewrite(cell_id, point(lines, at), f"{added}, ")
    at, last = before_closing(lines.source[begin:], opening_after=node.name)
    return Rewrite(cell_id, point(lines, begin + at), joined(last, added))


def call_edits(
    draft: Draft, handed: Mapping[str, Mapping[str, str]], renamed: Mapping[str, Mapping[str, str]]
) -> list[Rewrite]:
    """The edits of every call of these functions.

    Args:
        handed: for each function the arguments that it takes more, by keyword, and the variables that are given.
        renamed: for each function the arguments that it calls otherwise now.
    """
    edits = []
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        lines = Lines(cell.source)
        for node in ast.walk(code.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            others = renamed.get(node.func.id, {})
            for keyword in node.keywords:
                if keyword.arg is not None and keyword.arg in others:
                    at = lines.start(code.span(keyword))
                    begin, end = point(lines, at), point(lines, at + len(keyword.arg))
                    span = Span(begin.line, begin.column, end.line, end.column)
                    edits.append(Rewrite(cell.id, span, others[keyword.arg]))
            needed = handed.get(node.func.id, {})
            if not needed:
                continue
            begin_at = lines.start(code.span(node))
            at, last = before_closing(lines.source[begin_at:], opening_after=node.func.id)
            given = ", ".join(f"{keyword}={name}" for keyword, name in sorted(needed.items()))
            edits.append(Rewrite(cell.id, point(lines, begin_at + at), joined(last, given)))
    return edits


def before_closing(text: str, *, opening_after: str) -> tuple[int, str]:
    """Where to insert before the parenthesis that closes the one behind this name, and the last token before it."""
    starts = Lines(text)
    depth, seen_name, at, last = 0, False, 0, ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}:
            continue
        if not seen_name:
            seen_name = token.string == opening_after
        elif token.string in {"(", "[", "{"}:
            depth += 1
        elif token.string in {")", "]", "}"}:
            depth -= 1
            if depth == 0:
                break
        at, last = starts.offset(*token.end), token.string
    return at, last


def joined(last_token: str, added: str) -> str:
    """What to insert behind this token, so that the arguments go on."""
    if last_token == "(":
        return added
    return f" {added}" if last_token == "," else f", {added}"


def point(lines: Lines, offset: int) -> Span:
    """The empty span at this offset."""
    line = lines.source.count("\n", 0, offset) + 1
    column = offset - lines.offset(line, 0)
    return Span(line, column, line, column)
