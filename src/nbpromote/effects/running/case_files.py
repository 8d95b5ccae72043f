"""Where the cases of production notebooks are, and what their files say."""

from collections.abc import Iterable
from pathlib import Path

from nbpromote.effects.files.repository import Repository
from nbpromote.running import case as cases
from nbpromote.running.case import BadCase, Case


def read_case(path: Path) -> Case:
    """The case in this YAML file.

    Raises:
        BadCase: it cannot be used.
    """
    import yaml

    try:
        return cases.parse(path, yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise BadCase(str(path), f"is not YAML: {' '.join(str(error).split())}") from error


def find_cases(repository: Repository, names: Iterable[str] = ()) -> tuple[Path, ...]:
    """The case files of these notebooks (`name`, or `name/case`), of all when none is named.

    Raises:
        BadCase: a name that has none.
    """
    folder = repository.folder("tests")
    wanted = tuple(names)
    if not wanted:
        return tuple(sorted(folder.glob("*/*.yml")))
    found: list[Path] = []
    for name in wanted:
        stem = Path(name).stem if name.endswith((".py", ".ipynb")) else name
        paths = [folder / f"{stem}.yml"] if "/" in stem else sorted((folder / stem).glob("*.yml"))
        if not paths or not paths[0].is_file():
            raise BadCase(str(folder / stem), "there is no such case")
        found += paths
    return tuple(found)


def find_notebook(repository: Repository, case: Case) -> Path:
    """The production notebook that a case is of.

    Raises:
        BadCase: there is none of its name.
    """
    folder = repository.folder("production")
    for suffix in (".py", ".ipynb", ".r", ".R"):
        path = folder / f"{case.notebook}{suffix}"
        if path.is_file():
            return path
    raise BadCase(str(case.path), f"there is no production notebook {folder / case.notebook}.py")
