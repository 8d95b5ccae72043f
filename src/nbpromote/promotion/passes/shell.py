"""What a shell command puts beside the notebook, a production notebook would look for elsewhere: it is refused."""

import ast
import posixpath
import re
from collections.abc import Iterator

from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.analysis.opaque import only_looks
from nbpromote.notebook.magics import MagicKind
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of

_SHELLS = frozenset({"bash", "sh", "script", "system", "sx"})
_CALLS = ("os.system", "os.popen", "subprocess.")
_FETCHERS = re.compile(r"\b(?:wget|curl|gsutil|aws|gdown|kaggle)\b")
_HINT = "do that in Python: shutil, zipfile or urllib.request, with the path as it is read; or keep the file there"


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Refuse each read of a file that a shell command of the cells that stay makes."""
    commands = [(cell, *found) for cell in draft.kept_code for found in _commands(cell)]
    for cell in draft.kept_code if commands else ():
        for access in draft.facts.of(cell.id).accesses:
            if access.direction is not Direction.READ or access.kind is not AccessKind.FILE or access.target is None:
                continue
            makers = (
                one for one, line, text in commands
                if not (one is cell and line >= access.span.line) and _makes(text, access.target)
            )  # fmt: skip
            maker = next(makers, None)
            if maker is not None and access.written is None:
                message = (
                    f"reads {access.target}, which a shell command of {name_of(maker)} makes in the notebook's folder"
                )
                draft = draft.refusing("PR204", cell, access.span, message, _HINT)
    return draft


def _commands(cell: Cell) -> Iterator[tuple[int, str]]:
    """What a cell hands to a shell that may change something, and on which line."""
    code = parse_cell(cell.source)
    if code is None:
        return
    for magic in code.python.magics:
        if magic.kind is MagicKind.SHELL or (magic.kind is MagicKind.LINE and magic.name in _SHELLS):
            if not only_looks(magic.text):
                yield magic.place.line, magic.text
        elif magic.kind is MagicKind.CELL and magic.name in _SHELLS:
            yield 1, cell.source
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_CALLS):
            words = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
            yield code.span(node).line, " ".join(word for word in words if isinstance(word, str))


def _makes(command: str, target: str) -> bool:
    """Whether the command names this file, or the folder right at the root of its path, by itself."""
    if posixpath.isabs(target) or "://" in target or target.startswith(("~", "..")):
        return False
    path = posixpath.normpath(target)
    folder, _, inner = path.partition("/")
    names = [path, folder] if inner else [path]
    if any(re.search(rf"(?<![\w./-])(?:\./)?{re.escape(name)}/?(?![\w/.-])", command) for name in names):
        return True
    return bool(_FETCHERS.search(command)) and re.search(rf"/{re.escape(path)}(?![\w.-])", command) is not None
