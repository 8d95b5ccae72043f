"""The definitions of a notebook or a module with what the names around them stand for."""

import ast
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nbpromote.analysis.clones.form import DefinitionNode, Form, form_of, required_keywords


@dataclass(frozen=True, slots=True)
class Scope:
    """Top-level definitions by name, and what other names stand for: imports and constants."""

    definitions: Mapping[str, DefinitionNode]
    meanings: Mapping[str, str] = field(default_factory=dict)

    def without_constants(self) -> "Scope":
        """The scope of a notebook, whose literals may be parameters: they stand for nothing."""
        meanings = {name: meaning for name, meaning in self.meanings.items() if not meaning.startswith("const ")}
        return Scope(self.definitions, meanings)

    def forms(self) -> dict[str, Form]:
        """The form of each definition, that of the functions that it calls included."""
        found: dict[str, Form] = {}
        handed = {name: required_keywords(node) for name, node in self.definitions.items()}
        for name in self.definitions:
            self._form(name, found, handed, ())
        return found

    def _form(
        self, name: str, found: dict[str, Form], handed: Mapping[str, frozenset[str]], above: tuple[str, ...]
    ) -> Form:
        if name in found:
            return found[name]
        node = self.definitions[name]
        reads = reads_of(node)
        meanings = dict(self.meanings)
        for other in sorted(reads & self.definitions.keys() - {name}):
            is_round = other in above
            meanings[other] = (
                f"def {other}" if is_round else f"def {self._form(other, found, handed, (*above, name)).key}"
            )
        form = form_of(node, reads=reads, meanings=meanings, handed=handed)
        if not above or not (reads & set(above)):
            found[name] = form
        return form


def read_scope(statements: Iterable[ast.stmt], library: Mapping[str, str] | None = None) -> Scope:
    """The scope that these top-level statements make.

    A name that is bound more than once stands for nothing. `library` has the keys of definitions that can be imported,
    by their whole names.
    """
    definitions: dict[str, DefinitionNode] = {}
    meanings: dict[str, str] = {}
    counts: dict[str, int] = {}
    for statement in statements:
        for name in _binds(statement):
            counts[name] = counts.get(name, 0) + 1
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions[statement.name] = statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            new = {name: (library or {}).get(whole, whole) for name, whole in imported(statement).items()}
            for name in new.keys() & meanings.keys():
                if new[name] == meanings[name]:
                    counts[name] -= 1
            meanings.update(new)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and (constant := _constant(statement)):
            meanings[constant[0]] = constant[1]
    definitions = {name: node for name, node in definitions.items() if counts[name] == 1}
    return Scope(definitions, {name: meaning for name, meaning in meanings.items() if counts[name] == 1})


def imported(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names that an import binds, and the whole names of what they stand for."""
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
            for alias in statement.names
        }
    module = "." * statement.level + (statement.module or "")
    return {alias.asname or alias.name: f"{module}.{alias.name}" for alias in statement.names}


def reads_of(node: DefinitionNode) -> frozenset[str]:
    """The names that a definition reads from outside itself."""
    try:
        table = symtable.symtable(ast.unparse(node), "<definition>", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    scopes = list(_scopes(table))
    return frozenset(
        symbol.get_name()
        for scope in scopes
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or scope is table)
    )


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _binds(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        rebound = {name for one in ast.walk(statement) if isinstance(one, ast.Global) for name in one.names}
        return {statement.name} | rebound
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return set(imported(statement))
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}


def _constant(statement: ast.Assign | ast.AnnAssign) -> tuple[str, str] | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or statement.value is None:
        return None
    try:
        value = ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return targets[0].id, f"const {value!r}"
