"""What a folder needs to be a notebook repository: the runtime part of commonlib, and the folders around it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from commonlib.lake import paths
from nbpromote import __version__
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.plan import FileEdit
from nbpromote.promotion.versioning import without_version
from nbpromote.publish import ci as workflows

_SETTINGS = """\
[tool.nbpromote]
# adhoc = "notebooks/adhoc"
# production = "notebooks/production"
# lake = "lake"
# runs = "runs"

[tool.pytest.ini_options]
testpaths = ["tests"]
"""
# Promotions on two branches both add to it.
_ATTRIBUTES = "/commonlib/CHANGELOG.md merge=union\n"
MANIFEST = "commonlib/RUNTIME.sha256"
CHANGELOG = "CHANGELOG.md"  # which promotions write, too
_IGNORED = ("/lake/", "/runs/", "/.nbpromote/", "/.coverage*", "__pycache__/", ".ipynb_checkpoints/")
_ADHOC = """\
# Ad-hoc notebooks

Explorations: anything goes here. `nbpromote check` says what stands between one of them and production, and
`nbpromote promote` makes a production notebook of it.
"""
_TESTS = '''\
"""Tests of this repository; production notebooks are tested by the cases under `notebooks/`."""
'''


class NotARepository(NbpromoteError):
    """A promotion needs the runtime part of commonlib in the repository, and it is not there."""

    exit_code = 2

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(f'{root}: is no notebook repository yet (it has no commonlib/); "nbpromote init" makes it one')


def is_repository(root: Path) -> bool:
    """Whether production notebooks of this repository would find commonlib."""
    return (root / "commonlib" / "__init__.py").is_file()


def edits_for(root: Path, *, ci: Sequence[str] = ()) -> tuple[FileEdit, ...]:
    """The files that this folder lacks; what is there stays as it is, but for lines added to `.gitignore`.

    `ci` names the services for which a workflow is written.
    """
    runtime = runtime_files()
    manifest, kept = manifest_of(runtime), root / MANIFEST
    is_other = kept.is_file() and kept.read_bytes() != manifest  # of another release, with which ours do not mix
    wanted = {f"commonlib/{name}": content for name, content in runtime.items() if not is_other}
    if not is_repository(root):
        wanted[MANIFEST] = manifest
    wanted["notebooks/adhoc/README.md"] = _ADHOC.encode()
    wanted["tests/conftest.py"] = _TESTS.encode()
    wanted["pyproject.toml"] = _SETTINGS.encode()
    wanted |= {workflows.FILES[service]: workflows.workflow(service).encode() for service in ci}
    wanted[".gitattributes"] = _ATTRIBUTES.encode()
    edits = [FileEdit(path, None, content) for path, content in wanted.items() if not (root / path).exists()]
    ignore = root / ".gitignore"
    before = ignore.read_bytes() if ignore.is_file() else None
    lines = (before or b"").decode("utf-8", "replace").splitlines()
    missing = [line for line in _IGNORED if line not in lines]
    if missing:
        after = (before or b"") + (b"\n" if before and not before.endswith(b"\n") else b"")
        edits.append(FileEdit(".gitignore", before, after + "\n".join(missing).encode() + b"\n"))
    return tuple(edits)


def runtime_files() -> dict[str, bytes]:
    """The files of the commonlib that came with this tool, without functions that promotions lifted."""
    folder = Path(paths.__file__).parents[1]
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix in {".py", ".R", ".typed", ".md"}
    )
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if "__pycache__" not in path.parts and not _is_lifted(path, folder)
    }


def manifest_of(runtime: Mapping[str, bytes]) -> bytes:
    """What came with this nbpromote, so that a newer one knows what people have edited; for `sha256sum --check`."""
    lines = (f"{runtime_hash(name, content)}  {name}\n" for name, content in runtime.items() if name != CHANGELOG)
    return f"# as nbpromote {__version__} wrote them; __init__.py without its version\n{''.join(lines)}".encode()


def runtime_hash(name: str, content: bytes) -> str:
    """sha256 of a file of the runtime; promotions move the version, which does not count."""
    return hashlib.sha256(without_version(content) if name == "__init__.py" else content).hexdigest()


def _is_lifted(path: Path, folder: Path) -> bool:
    """Whether this module came out of a notebook, as its first line says."""
    if path.parent != folder or path.suffix != ".py":
        return False
    with path.open(encoding="utf-8") as file:
        return file.readline().startswith('"""Functions that came out of ')
