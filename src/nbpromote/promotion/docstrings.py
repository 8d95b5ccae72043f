"""A docstring for a function that has none, in the words that its author left beside it."""

import ast
import re
import textwrap
from collections.abc import Sequence

from nbpromote.notebook.model import Cell, CellKind
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.rewriting import Lines

_WIDTH = 100
_SHORTEST, _STEM = 3, 4  # letters
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_PROSE = re.compile(r"\b(todo|fixme|xxx|hack|noqa|type: ignore|pragma|pylint|fmt:)", re.IGNORECASE)
_MARKUP = re.compile(r"[$<>|`\[\]{}]|https?:")
_NUMBER = re.compile(r"^(?:\d+[.)]?)+\s*")


def documented(text: str, markdown: str | None) -> str:
    """The definition with a docstring, of the comment above it or else of the Markdown; as it is when there is neither.

    The comment becomes the docstring and does not stay beside it.
    """
    comment = _leading(text)
    node = ast.parse(text).body[0]
    if (
        not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        or ast.get_docstring(node) is not None
    ):
        return text
    said = _prose([line.lstrip("#").strip() for line in comment])
    if said is not None:
        return _with(text, said)[sum(len(line) + 1 for line in comment) :]
    if markdown is not None:
        return _with(text, markdown)
    return text


def markdown_above(cells: Sequence[Cell], cell: Cell, code: CellCode, name: str) -> str | None:
    """What the Markdown right above a cell says of the one function that the cell defines."""
    definitions = [one for one in code.tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    others = [one for one in code.tree.body if not isinstance(one, ast.Import | ast.ImportFrom)]
    place = next((index for index, one in enumerate(cells) if one.id == cell.id), 0)
    if len(definitions) != 1 or definitions != others[:1] or definitions[0].name != name or place == 0:
        return None
    above = cells[place - 1]
    if above.kind is not CellKind.MARKDOWN:
        return None
    if not _is_about(above.source, name):
        return None
    blocks = [block.strip() for block in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=#)", above.source) if block.strip()]
    paragraphs = [block for block in blocks if not block.startswith("#")]
    headings = [_NUMBER.sub("", block.lstrip("#").strip()) for block in blocks if block.startswith("##")]
    for block in (*paragraphs[-1:], *headings[-1:]):
        said = _prose(block.splitlines())
        if said is not None and not _MARKUP.search(said) and not re.match(r"[-*+>!]|\d+[.)]", said):
            return said
    return None


def _is_about(markdown: str, name: str) -> bool:
    """Whether a text has a word of a function's name, in any form: `cleaning` of `clean_orders`."""
    own = [word for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name.lower()) if len(word) >= _SHORTEST]
    said = re.findall(r"[^\W\d_]+", markdown.lower())
    return any(one == other or (len(one) >= _STEM and one[:_STEM] == other[:_STEM]) for one in own for other in said)


def _prose(lines: Sequence[str]) -> str | None:
    """The lines as a sentence or more, if that is what they are: not code, no note to oneself, two words at least."""
    said = " ".join(line.strip() for line in lines if line.strip()).replace("**", "").strip()
    if len(said.split()) < 2 or _NO_PROSE.search(said) or said.endswith(":") or not re.search(r"[^\W\d_]{2}", said):
        return None
    if re.search(r"[-=*#_]{4,}|[{};]| \d\. | - .* - ", said) or '"""' in said or "\\" in said:
        return None
    for line in lines:
        try:
            if not all(
                isinstance(one, ast.Expr) and isinstance(one.value, ast.Name) for one in ast.parse(line.strip()).body
            ):
                return None
        except (SyntaxError, ValueError):
            continue
    said = said[0].upper() + said[1:] if said[1:2].islower() or said[1:2] == " " else said
    return said if said[-1] in ".!?" else f"{said}."


def _is_code(line: str) -> bool:
    """Whether this parses, and is more than words in brackets or behind commas."""
    try:
        body = ast.parse(line).body
    except (SyntaxError, ValueError):
        return False
    plain = ast.Name | ast.Constant | ast.Tuple
    return any(not isinstance(one, ast.Expr) or not isinstance(one.value, plain) for one in body)


def _leading(text: str) -> list[str]:
    rows = text.split("\n")
    count = next((index for index, row in enumerate(rows) if not row.startswith("#")), 0)
    return rows[:count]


def _with(text: str, said: str) -> str:
    node = ast.parse(text).body[0]
    assert isinstance(node, _DEFINITIONS)
    first = node.body[0]
    line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    lines = Lines(text)
    row = lines.line_text(line)
    if row[: len(row) - len(row.lstrip())] != row[: first.col_offset] or not row[: first.col_offset]:
        return text  # the body stands behind the colon
    header_end = _body_start(lines, line)
    indent = row[: first.col_offset]
    return text[:header_end] + textwrap.indent(_docstring(said, len(indent)), indent) + "\n" + text[header_end:]


def _body_start(lines: Lines, line: int) -> int:
    """The offset of the first line of the body, the comments before its first statement included."""
    while line > 1 and (lines.line_text(line - 1).lstrip().startswith("#") or not lines.line_text(line - 1).strip()):
        line -= 1
    return lines.offset(line, 0)


def _docstring(said: str, indent: int) -> str:
    if len(said) + 6 + indent <= _WIDTH:
        return f'"""{said}"""'
    sentence, _, rest = said.partition(". ")
    if len(sentence) + 4 + indent > _WIDTH or not rest:
        rows = textwrap.wrap(said, _WIDTH - indent - 3, break_long_words=False)
        return '"""' + "\n".join(rows) + '\n"""'
    rows = textwrap.wrap(rest, _WIDTH - indent, break_long_words=False)
    return f'"""{sentence}.\n\n' + "\n".join(rows) + '\n"""'
