"""The strings of a cell that may be SQL, a setting or a name."""

import ast
import re
from collections.abc import Iterator

OPEN = "{}"  # what stands for a part that is not known before it runs
_COMMENTS = re.compile(r"(\s+|--[^\n]*(\n|$)|/\*.*?\*/|\()+", re.DOTALL)


def texts(tree: ast.AST) -> Iterator[str]:
    """Each string, without the comments that it begins with; none that only documents."""
    within: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as documentation):
                within.add(id(documentation))
            case ast.JoinedStr(values=values):
                within |= {id(part) for part in values}
                yield _bare("".join(str(part.value) if isinstance(part, ast.Constant) else OPEN for part in values))
            case ast.Constant(value=str(text)) if id(node) not in within:
                yield _bare(text)
            case _:
                pass


def _bare(text: str) -> str:
    comments = _COMMENTS.match(text)
    return text[comments.end() :] if comments else text
