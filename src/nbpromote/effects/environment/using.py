"""Who uses the environment: production notebooks, and the modules of the repository's commonlib."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from nbpromote.analysis import analyse
from nbpromote.analysis.code import read_code
from nbpromote.analysis.facts import Facts, Import
from nbpromote.analysis.imports import find_imports
from nbpromote.effects.checking.settings import read_settings
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.environment import Drift, Used
from nbpromote.environment.needs import find_module_needs, find_needs
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import read
from nbpromote.notebook.model import Cell, CellKind, Notebook


def find_users(repository: Repository) -> Iterator[Used | Drift]:
    """Each production notebook and each module of commonlib with what it needs; or what of them cannot be read."""
    installed = metadata.packages_distributions()
    specifications = read_settings(repository.root).specifications
    own = own_modules(repository.root)
    imported: list[Import] = []
    folder = repository.folder("production")
    for path in find_notebooks([folder]) if folder.is_dir() else ():
        name = repository.relative(path)
        try:
            notebook = read(path, name=name)
        except UnreadableNotebook as error:
            yield Drift(name, f"what it imports is not known: {error.reason}", error.hint)
            continue
        facts = analyse(notebook, specifications=specifications)
        imported += _imports(facts)
        yield Used(name, find_needs(facts, installed, own=own), kernel_of(notebook))
    yield from _modules(repository, imported, installed, own)


def _modules(
    repository: Repository, imported: Sequence[Import], installed: Mapping[str, Sequence[str]], own: Collection[str]
) -> Iterator[Used]:
    found = {}
    for path in sorted((repository.root / "commonlib").rglob("*.py")):
        if "__pycache__" not in path.parts:
            cell = Cell("module", 1, CellKind.CODE, path.read_text(encoding="utf-8", errors="replace"))
            found[path] = find_imports(read_code(cell))
    late = loaded_late([*imported, *(each for imports in found.values() for each in imports)])
    for path, imports in found.items():
        module = ".".join(path.relative_to(repository.root).with_suffix("").parts).removesuffix(".__init__")
        needs = find_module_needs(imports, installed, own=own, is_late=module in late)
        yield Used(repository.relative(path), needs)


def loaded_late(imports: Sequence[Import]) -> frozenset[str]:
    """The modules that are imported in functions, and at the top of no other module or notebook."""
    early = {name for each in imports if each.top_level for name in _targets(each)}
    return frozenset(name for each in imports if not each.top_level for name in _targets(each)) - early


def _targets(each: Import) -> tuple[str, ...]:
    return (each.module, f"{each.module}.{each.attribute}") if each.attribute else (each.module,)


def _imports(facts: Facts) -> Iterator[Import]:
    for cell in facts.cells:
        yield from cell.imports


def kernel_of(notebook: Notebook) -> str:
    """The name of the kernel that the notebook asks for; python3 where it names none."""
    spec = notebook.metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    return str(name) if name else "python3"


def own_modules(root: Path) -> set[str]:
    """The modules that lie in the repository, and are installed from nowhere."""
    found = {path.stem for path in (*root.glob("*.py"), *root.glob("src/*.py"))}
    return found | {path.parent.name for path in (*root.glob("*/__init__.py"), *root.glob("src/*/__init__.py"))}
