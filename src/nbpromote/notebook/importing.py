"""Large libraries, imported without those parts of them that are not used here and take long."""

import importlib
import sys
from collections.abc import Iterable
from types import ModuleType


def import_without(name: str, absent: Iterable[str]) -> ModuleType:
    """This module, as it is where those others are not installed; as it stands, when it is imported already."""
    if name not in sys.modules:
        hidden = [one for one in absent if one not in sys.modules]
        # None is "there is no such module": https://docs.python.org/3/library/sys.html#sys.modules
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
        try:
            importlib.import_module(name)
        finally:
            for one in hidden:
                sys.modules.pop(one, None)
    return sys.modules[name]
