"""The modules that lie beside an ad-hoc notebook, found by what is imported, with those that they import themselves."""

import ast
import posixpath
from collections.abc import Iterator, Sequence

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Moved, Snapshot

_OWN = "commonlib"


def find_modules(names: Sequence[str], folders: Sequence[str], snapshot: Snapshot) -> dict[str, Moved]:
    """The files behind these dotted names and all that these import in turn; those that lie nowhere are left out."""
    found: dict[str, Moved] = {}
    wanted, seen = list(names), set()
    while wanted:
        name = wanted.pop(0)
        if name in seen or name.partition(".")[0] == _OWN:
            continue
        seen.add(name)
        files = next((each for folder in folders if (each := _files(name, folder, snapshot))), ())
        for one in files:
            if one.name not in found:
                found[one.name] = one
                wanted += imported_in(one)
    return found


def _files(name: str, folder: str, snapshot: Snapshot) -> tuple[Moved, ...]:
    """The files of a dotted name, from its outermost package in; what is no module of its own is a name in one."""
    found: list[Moved] = []
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        inner = "/".join(parts[:count])
        place = posixpath.join(folder, inner)
        module, package = snapshot.read_bytes(f"{place}.py"), snapshot.read_bytes(f"{place}/__init__.py")
        if package is not None:
            found.append(Moved(f"{inner}/__init__", f"{place}/__init__.py", _text(package)))
        elif module is not None:
            return (*found, Moved(inner, f"{place}.py", _text(module)))
        elif count < len(parts) and any(one.endswith(".py") for one in snapshot.files(place)):
            found.append(Moved(f"{inner}/__init__", f"{place}/", ""))  # a folder that is a package without saying so
        else:
            break
    return tuple(found) if any(one.text or not one.source.endswith("/") for one in found) else ()


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


def imported(node: ast.AST, package: str = "") -> tuple[str, ...]:
    """The dotted names that an import statement may mean; relative ones as seen from the package that it stands in."""
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if not isinstance(node, ast.ImportFrom) or (node.level and not package):
        return ()
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    return tuple(dict.fromkeys([base, *(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")]))


def imported_in(module: Moved) -> Iterator[str]:
    """What a module imports."""
    package = module.name.rpartition("/")[0].replace("/", ".")
    code = parse_cell(module.text)
    for node in ast.walk(code.tree) if code else ():
        yield from imported(node, package)


def problem_of(one: Moved, snapshot: Snapshot) -> tuple[str, str] | None:
    """Why a module cannot move as it is, and what to do; None when it can."""
    code = parse_cell(one.text)
    lies = f"lies beside the notebook ({one.source})"
    if code is None or code.python.magics:
        return f"{lies} and is not Python", "mend it"
    package = snapshot.read_bytes(f"{_OWN}/{one.root}/__init__.py")
    is_package = "/" in one.name
    if is_package and snapshot.read_bytes(f"{_OWN}/{one.root}.py") is not None:
        return f"{lies}, and {_OWN} has a module {one.root}", "rename it"
    if package is not None and (not is_package or (one.name == f"{one.root}/__init__" and _text(package) != one.text)):
        return f"{lies}, and {_OWN} has a package {one.root}", "rename it"
    if any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(code.tree)):
        return f"{lies} and asks where it lies", "hand that place over to it"
    if not is_package and any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(code.tree)):
        return f"{lies} and imports relatively", "import by name"
    return None
