"""Magics, shell escapes and help requests within a cell, found by IPython's token transformers, one by one."""

import re
import tokenize
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from nbpromote.notebook.magics import ipython, words
from nbpromote.notebook.magics.code import Foreign, Magic, MagicKind, Place
from nbpromote.notebook.magics.mapped import MappedLine

_MOST_NESTED = 20
_MAYBE = re.compile(r"^\s*[%!?/,;]|=\s*[%!]|\?\s*$", re.M)


def replace_escapes(
    lines: list[MappedLine], magics: list[Magic], foreign: list[Foreign], local_lines: set[int]
) -> list[MappedLine]:
    """The same lines with Python in place of every escape; what they were is added to the three collections.

    A line that has no escape stays as it is, where it is; the further lines of a continued escape become blank.
    """
    last_maybe = max((row for row, line in enumerate(lines) if _MAYBE.search(line.text)), default=-1)
    texts = [f"{line.text}\n" for line in lines]
    at, indents, nested = 0, [""], 0
    while at <= last_maybe and (hit := _next_escape(texts, at, last_maybe, indents)):
        transformer, first, last, indents = hit
        escape = _Escape(lines, texts, transformer, first, last)
        lines[first] = escape.replacement(magics, foreign, local_lines)
        for row in range(first + 1, last + 1):
            lines[row] = MappedLine.generated("", escape.place)
        texts[first : last + 1] = [f"{line.text}\n" for line in lines[first : last + 1]]
        # The body of `%time` may be another escape, but nobody nests many.
        nested = nested + 1 if escape.is_code and nested < _MOST_NESTED else 0
        at = first if nested else last + 1
    return lines


def _next_escape(
    texts: list[str], at: int, last_maybe: int, indents: list[str]
) -> tuple[Any, int, int, list[str]] | None:
    """The next escape in the lines `at` to `last_maybe`: its transformer, its lines, the indentation levels there.

    IPython tokenizes the whole cell again after each escape; starting again behind the last one finds the same.
    """
    transformers = ipython.load().module
    opened = [f"{indent}if 1:\n" for indent in indents[:-1]] + ([f"{indents[-1]}pass\n"] if len(indents) > 1 else [])
    shift = len(opened) - at
    stack = [""]
    for tokens in _logical_lines(chain(opened, texts[at:])):
        for token in tokens:
            if token.type == tokenize.INDENT:
                stack.append(token.string)
            elif token.type == tokenize.DEDENT and len(stack) > 1:
                stack.pop()
        if tokens[0].start[0] <= len(opened):
            continue
        if tokens[0].start[0] - 1 - shift > last_maybe:
            return None
        candidates = []
        for kind in (
            transformers.MagicAssign,
            transformers.SystemAssign,
            transformers.EscapedCommand,
            transformers.HelpEnd,
        ):
            try:
                candidate = kind.find([tokens])
            except IndexError:
                candidate = None
            if candidate:
                candidates.append(candidate)
        for transformer in sorted(candidates, key=transformers.TokenTransformBase.sortby):
            first = transformer.start_line - shift
            is_help = isinstance(transformer, transformers.HelpEnd)
            last = transformer.q_line - shift if is_help else transformers.find_end_of_continued_line(texts, first)
            last = min(last, len(texts) - 1)
            transformer.start_line = 0
            if is_help:
                transformer.q_line = last - first
            try:
                transformer.transform(texts[first : last + 1])
            except (SyntaxError, IndexError, AssertionError):
                continue
            return transformer, first, last, stack
    return None


def _logical_lines(lines: Iterable[str]) -> Iterator[list[tokenize.TokenInfo]]:
    """Tokens by logical line, as IPython's `make_tokens_by_line` groups them, but lazily."""
    tokens: list[tokenize.TokenInfo] = []
    level = 0
    try:
        for token in ipython.load().generate_tokens(iter(lines).__next__, extra_errors_to_catch=["expected EOF"]):
            tokens.append(token)
            if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and level <= 0):
                yield tokens
                tokens = []
            elif token.type == tokenize.OP and token.string in "([{":
                level += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                level = max(level - 1, 0)
    except (tokenize.TokenError, SyntaxError):
        pass
    if tokens:
        yield tokens


class _Escape:
    """One escape: what it is, and what stands for it in the Python code."""

    def __init__(self, lines: list[MappedLine], texts: list[str], transformer: Any, first: int, last: int) -> None:
        self.kind_name = type(transformer).__name__
        self.column: int = transformer.start_col
        self.head = lines[first].cut(0, self.column)
        self.line_number = first + 1
        self.rest = MappedLine.continued([lines[first].cut(self.column), *lines[first + 1 : last + 1]])
        lead = len(self.head.text) - len(self.head.text.lstrip())
        start = lines[first].user_position(lead)
        end = lines[last].user_position(len(lines[last].text.rstrip()), is_end=True)
        self.place = Place(*start, *max(start, end))
        self.call: str = transformer.transform(texts[first : last + 1])[0][self.column :].rstrip("\n")
        self.is_code = False

    @property
    def is_assigned(self) -> bool:
        return self.kind_name in {"MagicAssign", "SystemAssign"}

    def replacement(self, magics: list[Magic], foreign: list[Foreign], local_lines: set[int]) -> MappedLine:
        text = self.rest.text
        if self.kind_name == "HelpEnd" or text.startswith("?"):
            asked = text.strip("? \t")
            name = "pinfo2" if text.endswith("??") or text.startswith("??") else "pinfo"
            magics.append(Magic(MagicKind.HELP, name, asked, self.place))
        elif text.startswith("!"):
            shell_line = text.lstrip("!").strip()
            name, arguments = words.command(shell_line)
            magics.append(Magic(MagicKind.SHELL, name, arguments, self.place, words.reads(name, shell_line)))
            self._carry("bash", len(text) - len(text.lstrip("!")), foreign)
        elif text.startswith("%"):
            return self._line_magic(magics, foreign, local_lines)
        else:
            # `/f x` and its like become a call, in which IPython looks for escapes again.
            self.is_code = True
        return self.head + MappedLine.generated(self.call, self.place)

    def _line_magic(self, magics: list[Magic], foreign: list[Foreign], local_lines: set[int]) -> MappedLine:
        spaces = len(self.rest.text[1:]) - len(self.rest.text[1:].lstrip())
        name, _, arguments = self.rest.text[1 + spaces :].partition(" ")
        at = 1 + spaces + len(name) + 1
        binds = words.binds(name, arguments, is_cell=False)
        is_local = name in words.LOCAL_MAGICS
        reads = words.reads(name, arguments)
        magics.append(Magic(MagicKind.LINE, name, arguments, self.place, reads, binds, is_local=is_local))
        if name in words.CODE_MAGICS and name not in words.PROCESS_MAGICS:
            body = self.rest.cut(at + words.body_start(name, arguments))
            if body.text:
                self.is_code = True
                if is_local and not self.is_assigned:
                    local_lines.add(self.line_number)
                return self.head + body
        if language := words.line_language(name):
            self._carry(language, at, foreign)
        bound = "".join(f"{name} = " for name in binds)
        return self.head + MappedLine.generated(bound + self.call, self.place)

    def _carry(self, language: str, at: int, foreign: list[Foreign]) -> None:
        body = self.rest.cut(at)
        if body.text.strip():
            start, end = body.user_position(0), body.user_position(len(body.text), is_end=True)
            foreign.append(Foreign(language, body.text, Place(*start, *end)))
