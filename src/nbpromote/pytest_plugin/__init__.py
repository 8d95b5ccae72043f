"""pytest runs the regression cases of production notebooks: `tests/notebooks/<name>/<case>.yml`.

Nothing happens in a repository whose `pyproject.toml` has no `[tool.nbpromote]`. This file is loaded by every pytest
where nbpromote is installed, so it imports nothing slow before there is a case.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nbpromote.pytest_plugin.items import CaseFile


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbpromote", "regression tests of production notebooks")
    group.addoption(
        "--nbpromote-update", action="store_true", help="record the references of the cases instead of comparing"
    )
    group.addoption("--no-nbpromote", action="store_true", help="leave the cases of production notebooks alone")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "CaseFile | None":
    if file_path.suffix != ".yml" or parent.config.getoption("--no-nbpromote"):
        return None
    from nbpromote.effects.files.repository import find

    repository = find(file_path)
    if not repository.is_configured or file_path.parent.parent != repository.folder("tests").resolve():
        return None
    from nbpromote.pytest_plugin.items import CaseFile

    return CaseFile.from_parent(parent, path=file_path)
