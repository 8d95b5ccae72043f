"""pytest runs the regression cases of production notebooks: `tests/notebooks/<name>/<case>.yml`.

Nothing happens in a repository whose `pyproject.toml` has no `[tool.nbpromote]`. This file is loaded by every pytest
where nbpromote is installed, so it imports nothing slow before there is a case.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nbpromote.pytest_plugin.items import CaseFile

_KNOWN_PYTEST = 9  # the newest major version that nbval 0.11 was seen to work with


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbpromote", "regression tests of production notebooks")
    group.addoption(
        "--nbpromote-update", action="store_true", help="record the references of the cases instead of comparing"
    )
    group.addoption(
        "--nbpromote-once", action="store_true", help="with --nbpromote-update: without a second run on other settings"
    )
    group.addoption("--nbpromote-html", metavar="FILE", help="write a page: expected and actual, side by side")
    group.addoption(
        "--nbpromote-cov", action="store_true", help="measure the lines of commonlib and of notebooks: .coverage.CASE"
    )
    group.addoption("--no-nbpromote", action="store_true", help="leave the cases of production notebooks alone")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (config.getoption("--nbpromote-html") or _is_updating(config)):
        from nbpromote.pytest_plugin.telling import Telling

        config.pluginmanager.register(Telling(config), "nbpromote-telling")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "CaseFile | None":
    if file_path.suffix != ".yml" or parent.config.getoption("--no-nbpromote"):
        return None
    from nbpromote.effects.files.repository import find

    repository = find(file_path)
    if not repository.is_configured or file_path.parent.parent != repository.folder("tests").resolve():
        return None
    _check_versions(parent)
    from nbpromote.pytest_plugin.items import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


def _is_updating(config: pytest.Config) -> bool:
    return bool(config.getoption("--nbpromote-update"))


def _check_versions(parent: pytest.Collector) -> None:
    """Say, once, that this pytest is newer than what nbval is known to work with."""
    major = int(pytest.__version__.partition(".")[0])
    if major > _KNOWN_PYTEST and not getattr(parent.config, "_nbpromote_warned", False):
        parent.config._nbpromote_warned = True  # type: ignore[attr-defined]
        parent.warn(
            pytest.PytestWarning(
                f"pytest {pytest.__version__}: nbval, whose markers the cases follow, is known to work up to pytest "
                f'{_KNOWN_PYTEST}; pin "pytest<{_KNOWN_PYTEST + 1}" when cases fail to be collected'
            )
        )
