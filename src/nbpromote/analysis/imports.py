"""What a cell imports, and what it installs."""

import ast
import re
import shlex
from collections.abc import Sequence

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Import
from nbpromote.analysis.scopes import imported_name
from nbpromote.notebook.magics import Magic

_INSTALLERS = frozenset({"pip", "pip3", "uv", "conda", "mamba", "micromamba"})
_VALUE_OPTIONS = frozenset(
    "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target -n --name --channel "  # noqa: SIM905
    "--prefix -p --proxy --trusted-host --log --python".split()
)
_REQUIREMENT = re.compile(
    r"(?:[\w-]+::)?[A-Za-z0-9][\w.\-]*(\[[\w,\s.-]+\])?\s*([=<>!~]=?.*)?|(git|hg|svn)\+.*|https?://.*|[\w.-]+\s*@.*"
)


def find_imports(code: CellCode) -> tuple[Import, ...]:
    """Every name that an import statement in the cell binds, those in functions too, in the order of the text."""
    found: list[Import] = []
    top = _top_level(code.tree.body)
    guarded = _guarded(code.tree)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.append(
                    Import(alias.name, None, imported_name(alias), code.span(node), node in top, 0, node in guarded)
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = "*" if alias.name == "*" else imported_name(alias)
                found.append(
                    Import(
                        node.module or "", alias.name, name, code.span(node), node in top, node.level, node in guarded
                    )
                )
    return tuple(sorted(found, key=lambda each: each.span))


def find_requirements(magics: Sequence[Magic]) -> tuple[str, ...]:
    """What `%pip install`, `!pip install`, `%conda install` ask for, each as it is written."""
    found: list[str] = []
    for magic in magics:
        words = _words(magic.arguments)
        if magic.name not in _INSTALLERS or "install" not in words:
            continue
        words = words[words.index("install") + 1 :]
        skip = False
        for word in words:
            if word in {"&&", ";", "|", ">", "2>", ">>", "||", "#"} or word.startswith((">", "#", "|")):
                break
            if skip or word.startswith("-"):
                skip = word in _VALUE_OPTIONS and not skip
                continue
            if _REQUIREMENT.fullmatch(word) and word not in found:
                found.append(word)
    return tuple(found)


def _guarded(tree: ast.Module) -> set[ast.AST]:
    """The imports whose failing is caught."""
    return {
        each
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers)
        for statement in node.body
        for each in ast.walk(statement)
        if isinstance(each, (ast.Import, ast.ImportFrom))
    }


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name)}
    is_raised_again = any(isinstance(each, ast.Raise) for statement in handler.body for each in ast.walk(statement))
    return not is_raised_again and bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _top_level(body: Sequence[ast.stmt]) -> set[ast.AST]:
    """The statements that run with the cell, those in `if` and `try` included."""
    found: set[ast.AST] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        found.add(node)
        if isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            stack.extend(
                child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
            )
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
