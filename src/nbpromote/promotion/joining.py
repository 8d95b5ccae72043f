"""Functions of one notebook beside those that a module of commonlib holds already: what is there stays as it is."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbpromote.analysis.clones import read_scope
from nbpromote.analysis.clones.scope import imported
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.assemble import module_head
from nbpromote.promotion.code import free_names
from nbpromote.promotion.declarations import is_type_guard

_CAME_OUT = re.compile(r'\A("""Functions that came out of )(.+?)(\.""")')


class NamesClash(NbpromoteError):
    """A module holds something else under names that would move to it."""

    def __init__(self, path: str, names: Iterable[str], source: str) -> None:
        self.path, self.names, self.source = path, tuple(names), source
        super().__init__(
            f"{path}: {', '.join(self.names)} means something else there than in {source}, of which functions would "
            "move there; rename it in the notebook, or name another module for the functions with --module"
        )


class NotPython(NbpromoteError):
    """A module that functions would move to cannot be read."""

    def __init__(self, path: str, line: int | None) -> None:
        self.path, self.line = path, line
        where = f" line {line}" if line else ""
        super().__init__(
            f"{path}{where}: is not Python; mend it, or name another module for the functions with --module"
        )


@dataclass(frozen=True, slots=True)
class Joined:
    """The module's text with the new definitions at its end, and the names that it held before."""

    text: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Module:
    """A module: its docstring's last line, what it imports, what it imports for types alone, and its other statements.

    Imports are lines that import one name each; `head` is the number of lines that docstring and imports take.
    """

    lines: tuple[str, ...]
    docstring: int
    imports: tuple[str, ...]
    guarded: tuple[str, ...]
    head: int
    rest: tuple[ast.stmt, ...]

    @property
    def binds(self) -> set[str]:
        """The names that it has when it runs."""
        names = {name for line in self.imports for name in _binds(line)}
        return names | {name for node in self.rest for name in _bound(node)}

    @property
    def statements(self) -> list[ast.stmt]:
        return [*ast.parse("\n".join((*self.imports, *self.guarded))).body, *self.rest]


def join(path: str, held: str, own: str, source: str) -> Joined:
    """The module at `path`, which holds `held`, with the definitions of `own` that it does not have yet.

    Args:
        own: the module as the promotion of `source` alone would write it.

    Raises:
        NamesClash: a name means something else in the two.
        NotPython: `held` cannot be read.
    """
    held = held.replace("\r\n", "\n")
    try:
        there, new = _read(held), _read(own)
    except SyntaxError as error:
        raise NotPython(path, error.lineno) from None
    same, fresh = _same(there, new), new.binds - there.binds
    clashes = {name for name in new.binds & there.binds if name not in same} | (set(free_names(held)) & fresh)
    if clashes:
        raise NamesClash(path, sorted(clashes), source)
    text = "\n".join(_with_imports(there, new)).rstrip("\n") + _added(new, fresh) + "\n"
    text = _CAME_OUT.sub(lambda match: f"{match[1]}{_and(match[2], source)}{match[3]}", text, count=1)
    return Joined(text, tuple(name for node in there.rest for name in sorted(_bound(node))))


def is_of_several(module: str) -> bool:
    """Whether functions of more than one notebook have come into this module."""
    found = _CAME_OUT.match(module)
    return found is not None and len(_sources(found[2])) > 1


def with_sorted_head(merged: str, yours: str) -> str:
    """The merged module with its imports sorted, when people have left them sorted as promotions do."""
    try:
        before, after = _read(yours), _read(merged)
    except SyntaxError:
        return merged
    if not _is_sorted(before) or _is_sorted(after) or any(node.lineno <= after.head for node in after.rest):
        return merged
    head = module_head(after.imports, after.guarded).split("\n")
    return "\n".join(
        [*after.lines[: after.docstring], *([""] if after.docstring else []), *head, *after.lines[after.head :]]
    )


def _read(text: str) -> _Module:
    tree = ast.parse(text)
    has_docstring = ast.get_docstring(tree, clean=False) is not None
    body = tree.body[1:] if has_docstring else tree.body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    guards = [node for node in body if is_type_guard(node)]
    docstring = tree.body[0].end_lineno or 0 if has_docstring else 0
    return _Module(
        tuple(text.split("\n")),
        docstring,
        tuple(_singles(imports)),
        tuple(_singles(one for node in guards for one in node.body)),
        max([docstring, *(node.end_lineno or 0 for node in (*imports, *guards))]),
        tuple(node for node in body if node not in imports and node not in guards),
    )


def _same(there: _Module, new: _Module) -> set[str]:
    """The names that mean the same in both: imports, constants, and definitions that compute the same."""
    scopes = [read_scope(module.statements) for module in (there, new)]
    meanings = [dict(scope.meanings) | {name: one.key for name, one in scope.forms().items()} for scope in scopes]
    return {name for name in meanings[0].keys() & meanings[1].keys() if meanings[0][name] == meanings[1][name]}


def _with_imports(there: _Module, new: _Module) -> list[str]:
    """The lines that are there, with the imports that the new ones need.

    A head of imports as promotions write it is sorted anew; into any other, the new ones go behind the last.
    """
    imports = [line for line in new.imports if _binds(line) - there.binds]
    known = there.binds | {name for line in there.guarded for name in _binds(line)}
    guarded = [line for line in new.guarded if _binds(line) - known]
    if not imports and not guarded:
        return list(there.lines)
    if _is_sorted(there):
        runs = {name for line in imports for name in _binds(line)}
        head = module_head([*there.imports, *imports], [*(o for o in there.guarded if not _binds(o) & runs), *guarded])
        gap = [""] if there.docstring else []
        after = there.lines[there.head :]
        apart = [] if there.head > there.docstring or not after or not after[0].strip() else ["", ""]
        return [*there.lines[: there.docstring], *gap, *head.split("\n"), *apart, *after]
    head = module_head(imports, guarded)
    return [*there.lines[: there.head], *head.split("\n"), *there.lines[there.head :]]


def _is_sorted(module: _Module) -> bool:
    """Whether its imports stand as a promotion writes them."""
    text = "\n".join(module.lines[module.docstring : module.head]).strip("\n")
    return text == module_head(module.imports, module.guarded)


def _added(new: _Module, fresh: Iterable[str]) -> str:
    """The statements that bind fresh names, with the remarks above them, as they stand."""
    text, end = "", new.head
    for node in new.rest:
        block = "\n".join(new.lines[end : node.end_lineno]).strip("\n")
        end = node.end_lineno or end
        if _bound(node) & set(fresh):
            is_apart = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or not text
            text += ("\n\n\n" if is_apart else "\n") + block
    return text


def _singles(nodes: Iterable[ast.stmt]) -> list[str]:
    """Import statements as lines that import one name each."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [ast.unparse(ast.Import([alias])) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [ast.unparse(ast.ImportFrom(node.module, [alias], node.level)) for alias in node.names]
    return found


def _binds(line: str) -> set[str]:
    return _bound(ast.parse(line).body[0])


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement binds at the top level."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set(imported(node))
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _and(sources: str, source: str) -> str:
    """The sources with one more."""
    known = _sources(sources)
    known += [source] if source not in known else []
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"


def _sources(told: str) -> list[str]:
    return re.split(r", | and (?=\S+$)", told)
