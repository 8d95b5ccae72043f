"""What commonlib has already: its public functions and classes, to import instead of copying them once more."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nbpromote.analysis.clones import DefinitionNode, Form, Scope, read_scope
from nbpromote.analysis.clones.form import required_keywords
from nbpromote.promotion.draft import Snapshot

FOLDER = "commonlib"


@dataclass(frozen=True, slots=True)
class Known:
    """A definition that commonlib has. `imports` are the modules of commonlib that its own needs, directly or not."""

    module: str
    name: str
    node: DefinitionNode
    form: Form
    imports: frozenset[str] = frozenset()

    @property
    def whole_name(self) -> str:
        return f"{FOLDER}.{self.module}.{self.name}"

    @property
    def required(self) -> frozenset[str]:
        """What it must be given by name."""
        return required_keywords(self.node)


def read_library(snapshot: Snapshot) -> tuple[Known, ...]:
    """The public definitions of commonlib's own modules, those of its packages left out."""
    texts = {path: snapshot.read_bytes(path) for path in snapshot.files(FOLDER) if path.endswith(".py")}
    return known_in(tuple(sorted((path, text) for path, text in texts.items() if text is not None)))


@lru_cache(maxsize=8)
def known_in(files: tuple[tuple[str, bytes], ...]) -> tuple[Known, ...]:
    """The public definitions of these modules."""
    modules: dict[str, list[ast.stmt]] = {}
    for path, text in files:
        try:
            modules[path.removeprefix(f"{FOLDER}/").removesuffix(".py")] = ast.parse(text).body
        except (SyntaxError, ValueError):
            continue
    keys: dict[str, str] = {}
    scopes: dict[str, tuple[Scope, dict[str, Form]]] = {}
    for _ in range(2):  # once more, now that it is known what they import of each other
        for module, body in modules.items():
            scope = read_scope(body, keys)
            forms = scope.forms()
            scopes[module] = scope, forms
            keys.update({f"{FOLDER}.{module}.{name}": f"def {form.key}" for name, form in forms.items()})
    needs = _needs({module: _imported(body) for module, body in modules.items()})
    return tuple(
        Known(module, name, scope.definitions[name], form, needs[module])
        for module, (scope, forms) in scopes.items()
        for name, form in forms.items()
        if not name.startswith("_")
    )


def keys_of(library: Iterable[Known]) -> dict[str, str]:
    """What an import of each of these stands for, in forms."""
    return {known.whole_name: f"def {known.form.key}" for known in library}


def _imported(body: Iterable[ast.stmt]) -> set[str]:
    """The modules of commonlib that these statements import, wherever they stand."""
    found = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom) and node.module == FOLDER:
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{FOLDER}."):
                found.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.Import):
                names = (alias.name.split(".") for alias in node.names)
                found |= {parts[1] for parts in names if parts[0] == FOLDER and len(parts) > 1}
    return found


def _needs(direct: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """What each module needs, and what those need."""
    found = {}
    for module in direct:
        reached: set[str] = set()
        waiting = [module]
        while waiting:
            for other in direct.get(waiting.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
        found[module] = frozenset(reached)
    return found
