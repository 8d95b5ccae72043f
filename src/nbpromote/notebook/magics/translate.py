"""From a cell's source to Python, by IPython's own input transformer.

IPython hides the bodies of cell magics in strings and joins lines; here every line keeps its place instead, so that
positions can be mapped back and magics can be found and rewritten.
"""

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from nbpromote.notebook.magics import ipython, words
from nbpromote.notebook.magics.code import CodeProblem, Foreign, Magic, MagicKind, Place, PythonCode
from nbpromote.notebook.magics.escapes import replace_escapes
from nbpromote.notebook.magics.mapped import MappedLine
from nbpromote.notebook.magics.recovery import recover
from nbpromote.notebook.magics.syntax import describe
from nbpromote.notebook.model import Cell

# Python ends lines here, and only here; str.splitlines would also cut at form feeds and at U+2028.
_LINE_END = re.compile(r"\r\n|\r|\n")
_PROMPT = re.compile(r"\s*(?:>>>|\.\.\.|(?:\[\w+\])? ?In \[)")
_MOST_NESTED = 20
_LANGUAGE_LINE = re.compile(r"\s*%(\w+)[ \t]*(.*)")


@dataclass(slots=True)
class Found:
    """What turns up on the way through a cell's lines."""

    magics: list[Magic] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    local_lines: set[int] = field(default_factory=set)
    language: str = "python"
    depth: int = 0


def to_python(source: str) -> PythonCode:
    """The source of a Python cell as Python that can be parsed.

    Never raises on anything a cell can hold: what cannot be parsed is told as the result's `problem`.
    """
    rows = tuple(_LINE_END.split(source))
    tree = _parse(source)
    if isinstance(tree, ast.Module):
        return PythonCode(source, tree, rows=rows)
    mapped = [MappedLine.of_user(row, number) for number, row in enumerate(rows, start=1)]
    found = Found()
    mapped = _translate(mapped, found)
    return _assemble(mapped, found)


def code_of(cell: Cell) -> PythonCode:
    """The Python of a code cell, whatever its language: a cell in another language is one foreign text.

    The first line of a Databricks cell may name its language (`%sql`, `%python`); it belongs to no statement.
    """
    return _code_of(cell.id, cell.source, cell.language, is_databricks="databricks" in cell.metadata)


@lru_cache(maxsize=2048)
def _code_of(_: str, source: str, language: str, *, is_databricks: bool) -> PythonCode:
    """Kept by the cell's id, too: what two cells share by chance in text must not share its nodes."""
    named = _LANGUAGE_LINE.match(source) if is_databricks else None
    if language == "python" and not (named and named[1] in {"python", "py"}):
        return to_python(source)
    rows = _LINE_END.split(source)
    mapped = [MappedLine.of_user(row, number) for number, row in enumerate(rows, start=1)]
    found = Found()
    first = 0
    if named:
        line, place = named[0].count("\n"), _whole_line(mapped[named[0].count("\n")])
        found.magics.append(Magic(MagicKind.LINE, named[1], named[2], place))
        column = named.start(2) - (named[0].rfind("\n") + 1)
        mapped[line] = MappedLine.generated("", place) if not named[2] else mapped[line].cut(column)
        first = line if named[2] else line + 1
    if language == "python":
        return _assemble(_translate(mapped, found), found)
    return _assemble(_carry(mapped, first, language, found), found, language)


def _translate(lines: list[MappedLine], found: Found) -> list[MappedLine]:
    lines, first = _clean(lines)
    if first < len(lines) and lines[first].text.startswith("%%") and not re.match(r"%%\w+\?", lines[first].text):
        return _cell_magic(lines, first, found)
    return replace_escapes(lines, found.magics, found.foreign, found.local_lines)


def _clean(lines: list[MappedLine]) -> tuple[list[MappedLine], int]:
    """Without prompts and common indentation, as IPython does it; and where the first line that is not blank is."""
    first = next((index for index, line in enumerate(lines) if line.text.strip()), len(lines))
    transforms: list[Callable[[list[str]], list[str]]] = []
    if first < len(lines) and lines[first].text[0].isspace():
        transforms.append(ipython.load().module.leading_indent)
    if any(_PROMPT.match(line.text) for line in lines[first:]):
        transforms += [ipython.load().module.classic_prompt, ipython.load().module.ipython_prompt]
    for transform in transforms:
        before = [f"{line.text}\n" for line in lines[first:]]
        after = transform(before)
        if len(after) != len(before):
            continue
        for index, (old, new) in enumerate(zip(before, after, strict=True), start=first):
            if new != old and old.strip() and old.endswith(new):
                lines[index] = lines[index].cut(len(old) - len(new))
    return lines, first


def _cell_magic(lines: list[MappedLine], first: int, found: Found) -> list[MappedLine]:
    head = lines[first]
    name, _, arguments = head.text[2:].rstrip().partition(" ")
    place = _whole_line(head)
    found.depth += 1
    is_code = name in words.CODE_MAGICS and name not in words.PROCESS_MAGICS and found.depth <= _MOST_NESTED
    binds = words.binds(name, arguments, is_cell=True)
    is_local = name in words.LOCAL_MAGICS
    queried = "\n".join(line.text for line in lines[first + 1 :]) if words.language_of(name) == "sql" else ""
    reads = words.reads(name, f"{arguments}\n{queried}")
    found.magics.append(Magic(MagicKind.CELL, name, arguments, place, reads, binds, is_local=is_local))
    call = f"get_ipython().run_cell_magic({name!r}, {arguments!r}, '')"
    stand_in = MappedLine.generated("".join(f"{bound} = " for bound in binds) + call, place)
    if not is_code:
        found.language = words.language_of(name)
        lines = _carry(lines, first + 1, found.language, found)
        lines[first] = stand_in
        return lines
    setup = words.body_start(name, arguments) if is_local else len(arguments)
    lines[first] = head.cut(3 + len(name) + setup) if setup < len(arguments) else stand_in
    if is_local:
        found.local_lines |= set(range(first + 1, len(lines) + 1))
    body = _translate([MappedLine("", line.pieces[:1]) for line in lines[: first + 1]] + lines[first + 1 :], found)
    return lines[: first + 1] + body[first + 1 :]


def _carry(lines: list[MappedLine], first: int, language: str, found: Found) -> list[MappedLine]:
    """Blank lines in place of a text in another language, which is kept whole."""
    body = lines[first:]
    if body and any(line.text.strip() for line in body):
        start, end = body[0].user_position(0), body[-1].user_position(len(body[-1].text))
        found.foreign.append(Foreign(language, "\n".join(line.text for line in body), Place(*start, *end)))
    return lines[:first] + [MappedLine.generated("", _whole_line(line)) for line in body]


def _assemble(lines: list[MappedLine], found: Found, language: str | None = None) -> PythonCode:
    rows = tuple(line.text for line in lines)
    source = "\n".join(rows)
    tree = _parse(source)
    code = PythonCode(
        source,
        tree if isinstance(tree, ast.Module) else ast.Module([], []),
        tuple(line.pieces for line in lines),
        tuple(found.magics),
        tuple(found.foreign),
        frozenset(found.local_lines),
        None,
        language or found.language,
        rows,
    )
    return code if isinstance(tree, ast.Module) else _refused(code, lines, tree)


def _refused(code: PythonCode, lines: list[MappedLine], error: Exception) -> PythonCode:
    """The code with its problem, and as much of it as can be read."""
    message, is_python2, span = describe(error, code.rows)
    problem = CodeProblem(message, code.place(*span) if span else None, is_python2)
    recovered = recover(code.rows, _parse)
    pieces = list(code.lines)
    for line, text in recovered.stand_ins.items():
        pieces[line] = MappedLine.generated(text, _whole_line(lines[line])).pieces
    source = "\n".join(recovered.rows)
    tree = _parse(source)
    if not isinstance(tree, ast.Module):
        source, tree = "\n".join("" for _ in code.rows), ast.Module([], [])
    return replace(code, source=source, tree=tree, lines=tuple(pieces), problem=problem, rows=tuple(source.split("\n")))


def _whole_line(line: MappedLine) -> Place:
    text = line.text.rstrip()
    return Place(*line.user_position(len(text) - len(text.lstrip())), *line.user_position(len(text), is_end=True))


def _parse(source: str) -> ast.Module | Exception:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return error
