"""Keeps secrets out of pictures, in which nobody could find them afterwards: matplotlib draws their names instead."""

import functools
import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from . import secrets

_DRAWS = "matplotlib.text"


def veil(given: Mapping[str, str] | None = None) -> None:
    """From now on, whatever matplotlib writes into a picture is without the secrets of this process's environment, or
    without those that are given, by name."""
    known = secrets.find(os.environ) if given is None else secrets.forms(given)
    if not known:
        return
    if _DRAWS in sys.modules:
        _patch(sys.modules[_DRAWS], known)
    else:
        sys.meta_path.insert(0, _Finder(known))


def _patch(module: Any, known: dict[str, str]) -> None:
    real = module.Text.set_text

    @functools.wraps(real)
    def set_text(text: Any, written: Any) -> Any:
        return real(text, secrets.masked(str(written), known) if written is not None else None)

    module.Text.set_text = set_text


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for the module that draws texts, and lets everything else be found by others."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:  # noqa: ARG002
        if name != _DRAWS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _patch(module, self.known)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
