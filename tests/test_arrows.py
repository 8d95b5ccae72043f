"""Who may import whom. Imports point down; a violation is printed as file:line with the rule that it breaks."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the top to the ground. What stands in one row knows nothing of its neighbours.
LAYERS = (
    ("cli", "pytest_plugin", "__main__"),
    ("effects",),
    ("publish", "running", "proof", "environment", "promotion"),
    ("analysis",),
    ("notebook",),
    ("errors",),
)
HEIGHT = {part: -number for number, row in enumerate(LAYERS) for part in row}
# The part of commonlib that the tool may import: pure, and needs nothing but the standard library.
PURE = (
    "commonlib.lake.paths",
    "commonlib.lake.logs",
    "commonlib.lake.manifest",
    "commonlib.lake.storage",
    "commonlib.lake.partitions",
    "commonlib.lake.bounds",
    "commonlib.lake.retention",
    "commonlib.lake.errors",
    "commonlib.receipts",
    "commonlib.databricks_connect",
    "commonlib.errors",
)
# Slow to import, or bringing Spark with them: at the top of a module only where notebooks have been run (RUNNING).
SLOW = ("pandas", "papermill", "pyarrow", "pyspark", "jupytext", "nbformat", "nbconvert", "nbclient", "numpy", "scipy")
RUNNING = ("effects", "proof", "pytest_plugin")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module; `is_top` where the import happens when the importing module is imported."""

    importer: str
    imported: str
    place: str
    is_top: bool


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path

    def imports(self, known: frozenset[str]) -> Iterator[Import]:
        tree = ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for node, is_top in _statements(tree, is_top=True):
            place = f"{self.path}:{node.lineno}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(self.name, alias.name, place, is_top)
            else:
                base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
                origin = ".".join(part for part in (base, node.module or "") if part)
                for alias in node.names:
                    whole = f"{origin}.{alias.name}"
                    yield Import(self.name, whole if whole in known else origin, place, is_top)


def _statements(node: ast.AST, *, is_top: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_top
            continue
        is_late = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        yield from _statements(child, is_top=is_top and not is_late and not is_for_types)


def modules(folder: Path, package: str) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        parts = [package, *path.relative_to(folder).with_suffix("").parts]
        yield Module(".".join(part for part in parts if part != "__init__"), path)


def imports_of(root: Path) -> list[Import]:
    """All imports in the tool and in the library, also those inside functions."""
    ours = [*modules(root / "src" / "nbpromote", "nbpromote"), *modules(root / "commonlib", "commonlib")]
    known = frozenset(module.name for module in ours)
    return [found for module in ours for found in module.imports(known)]


def pure_modules(imports: list[Import]) -> frozenset[str]:
    """PURE, and what of commonlib is loaded along with it."""
    pure: set[str] = set()
    todo = list(PURE)
    while todo:
        name = todo.pop()
        if name in pure:
            continue
        pure.add(name)
        todo.append(name.rpartition(".")[0] or name)
        todo += [one.imported for one in imports if one.importer == name and one.is_top and "commonlib" in one.imported]
    return frozenset(pure)


def broken_rules(root: Path) -> list[str]:
    """Every import that points the wrong way, as `file:line: rule`."""
    imports = imports_of(root)
    pure = pure_modules(imports)
    found = [f"{one.place}: {rule}" for one in imports if (rule := _broken(one, pure)) is not None]
    return list(dict.fromkeys(found)) + [
        f"{place}: {rule}" for place, rule in _broken_in_notebooks(root / "notebooks" / "production")
    ]


def _broken(one: Import, pure: frozenset[str]) -> str | None:
    target = one.imported.split(".")
    if one.importer.startswith("commonlib"):
        if target[0] == "nbpromote":
            return f"commonlib never imports nbpromote, and {one.importer} imports {one.imported}"
        if one.importer in pure and one.is_top and target[0] not in ("commonlib", *sys.stdlib_module_names):
            return f"{one.importer} is loaded with the pure part of commonlib, and imports {one.imported}"
        return None
    part = one.importer.split(".")[1] if "." in one.importer else ""
    if target[0] == "commonlib" and one.imported not in PURE:
        return f"nbpromote imports from commonlib only {', '.join(PURE)}, and {one.importer} imports {one.imported}"
    if target[0] == "pyspark":
        return f"the tool never holds a Spark session, and {one.importer} imports {one.imported}"
    if one.is_top and target[0] in SLOW and part not in RUNNING:
        return f"{target[0]} is slow: {one.importer} imports it where it is used, not at its top"
    if target[0] != "nbpromote" or len(target) == 1 or part == target[1]:
        return None
    if part == "" or target[1] not in HEIGHT or part not in HEIGHT:
        return f"{one.importer} and {one.imported}: one of them has no layer; give it one in LAYERS"
    if HEIGHT[target[1]] >= HEIGHT[part] and {part, target[1]} - set(LAYERS[0]):
        return f"imports point down (cli, effects, the makers, analysis, notebook, errors), {part} imports {target[1]}"
    return None


def _broken_in_notebooks(folder: Path) -> Iterator[tuple[str, str]]:
    names = {path.stem for path in folder.rglob("*.py")}
    for path in sorted(folder.rglob("*.py")):
        for one in Module(path.stem, path).imports(frozenset()):
            first = one.imported.split(".")[0]
            if first == "nbpromote":
                yield one.place, "a production notebook never imports nbpromote"
            elif first == "notebooks" or (first in names and first not in sys.stdlib_module_names):
                yield one.place, f"a production notebook never imports another notebook, and this one imports {first}"


def test_imports_point_down() -> None:
    broken = broken_rules(ROOT)
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("src/nbpromote/notebook/a.py", "\nfrom nbpromote.analysis import facts\n", "a.py:2: imports point down"),
        ("src/nbpromote/analysis/a.py", "def f():\n    from nbpromote import effects\n", "a.py:2: imports point down"),
        ("src/nbpromote/analysis/a.py", "from ..effects.git import head\n", "analysis imports effects"),
        ("src/nbpromote/proof/a.py", "import nbpromote.running.record\n", "proof imports running"),
        ("src/nbpromote/effects/a.py", "from nbpromote.cli import main\n", "effects imports cli"),
        ("src/nbpromote/other/a.py", "from nbpromote.errors import UsageError\n", "has no layer"),
        ("src/nbpromote/cli/a.py", "def f():\n    import pyspark.sql\n", "never holds a Spark session"),
        ("src/nbpromote/cli/a.py", "import pandas as pd\n", "pandas is slow"),
        ("src/nbpromote/cli/a.py", "from commonlib.session import get_spark\n", "only commonlib.lake.paths"),
        ("commonlib/a.py", "try:\n    import nbpromote\nexcept ImportError:\n    pass\n", "commonlib never imports"),
        ("commonlib/receipts.py", "import numpy\n", "loaded with the pure part"),
        ("commonlib/lake/__init__.py", "import pyarrow\n", "loaded with the pure part"),
        ("notebooks/production/a.py", "# %%\nfrom nbpromote import notebook\n", "a.py:2: a production notebook never"),
        ("notebooks/production/a.py", "import b\n", "never imports another notebook"),
    ],
)
def test_an_import_that_points_the_wrong_way_is_named_with_its_line(
    file: str, source: str, said: str, tmp_path: Path
) -> None:
    for name in ("src/nbpromote/effects/__init__.py", "notebooks/production/b.py", file):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source if name == file else "")
    broken = broken_rules(tmp_path)
    assert len(broken) == 1
    assert said in broken[0]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("src/nbpromote/cli/a.py", "from nbpromote.effects import git\nfrom nbpromote.errors import UsageError\n"),
        ("src/nbpromote/pytest_plugin.py", "from nbpromote.cli import main\nfrom nbpromote import effects\n"),
        ("src/nbpromote/running/a.py", "from commonlib.receipts import Receipt\nfrom nbpromote.running import b\n"),
        ("src/nbpromote/cli/a.py", "def f():\n    import pandas\n"),
        ("commonlib/a.py", "import pyspark\nfrom commonlib import lake\n"),
        ("notebooks/production/a.py", "from commonlib import lake\nimport pandas\n"),
    ],
)
def test_an_import_that_points_down_is_let_through(file: str, source: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(source)
    (tmp_path / "commonlib").mkdir(exist_ok=True)
    (tmp_path / "commonlib" / "receipts.py").touch()
    (tmp_path / "commonlib" / "lake").mkdir(exist_ok=True)
    (tmp_path / "commonlib" / "lake" / "__init__.py").touch()
    assert broken_rules(tmp_path) == []


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after the code."""
    listing = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_pure_part_of_commonlib_loads_without_anything_installed() -> None:
    there = [name for name in PURE if (ROOT / f"{name.replace('.', '/')}.py").exists()]
    loaded = loaded_by("\n".join(f"import {name}" for name in there))
    assert there
    assert not loaded & {*SLOW, "yaml", "IPython", "pydantic"}


def test_the_tool_reads_notebooks_without_loading_spark_pandas_or_papermill() -> None:
    parts = [part for part in ("cli", "analysis", "notebook", "promotion") if (ROOT / "src/nbpromote" / part).exists()]
    loaded = loaded_by("\n".join(f"import nbpromote.{part}" for part in parts))
    assert not loaded & {"pyspark", "pandas", "papermill", "pyarrow", "jupytext", "nbformat", "nbval"}
