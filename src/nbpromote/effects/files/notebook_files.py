"""The notebooks among files and folders."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nbpromote.errors import UsageError

_SUFFIXES = frozenset({".ipynb", ".rmd", ".qmd"})
_TEXT_SUFFIXES = frozenset({".py", ".sql", ".r", ".scala"})
_MARKS = (b"# Databricks notebook source", b"-- Databricks notebook source", b"// Databricks notebook source")
_TEXT_MARKS = (b"# %%", b"#%%", b"# jupyter:", b"#     jupytext:")
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


class NoSuchPath(UsageError):
    """A path was named that is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: there is no such file")


def find_notebooks(paths: Sequence[Path], *, is_excluded: Callable[[Path], bool] = lambda _: False) -> Iterator[Path]:
    """Every notebook in the folders, and the files themselves, each once.

    Folders whose name begins with a dot, and those of environments and caches, are not looked into. `is_excluded` is
    asked of what is found in a folder, not of what is named.

    Raises:
        NoSuchPath: one of the paths is not there.
    """
    seen: set[str] = set()
    for path in paths:
        if path.is_dir():
            found = (each for each in _files(path, is_excluded) if is_notebook(each))
        elif path.exists():
            found = (each for each in (path,))
        else:
            raise NoSuchPath(path)
        for each in found:
            place = os.path.abspath(each)  # noqa: PTH100  symbolic links stay as the user wrote them
            if place not in seen:
                seen.add(place)
                yield each


def is_notebook(path: Path) -> bool:
    """Whether this file is a notebook, by its suffix or, where scripts have the same, by how it begins."""
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return True
    if suffix not in _TEXT_SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(2_000)
    except OSError:
        return False
    return head.lstrip(b"\xef\xbb\xbf").startswith(_MARKS) or any(
        line.startswith(_TEXT_MARKS) for line in head.splitlines()
    )


def _files(folder: Path, is_excluded: Callable[[Path], bool]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED and not entry.name.startswith(".") and not is_excluded(path):
                yield from _files(path, is_excluded)
        elif entry.is_file() and not is_excluded(path):
            yield path
