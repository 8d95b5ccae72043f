"""IPython's input transformer, without the rest of IPython."""

import sys
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any, NamedTuple


class Transformer(NamedTuple):
    """What is used of IPython."""

    module: Any
    generate_tokens: Any


@cache
def load() -> Transformer:
    """IPython's input transformer (`IPython.core.inputtransformer2`) and its tokenizer.

    `import IPython` takes 0.2 s, since it brings in the whole shell; the transformer itself needs 10 ms and two
    modules. So these are imported under package names that have a search path, but have not run the packages' own
    code; the names are taken out again, so that a later `import IPython` gives the real one.
    """
    names = ("IPython", "IPython.core", "IPython.utils")
    spec = None if "IPython" in sys.modules else PathFinder.find_spec("IPython")
    if spec is None or not spec.submodule_search_locations:
        return _load()
    root = spec.submodule_search_locations[0]
    before = set(sys.modules)
    try:
        for name in names:
            package = ModuleType(name)
            package.__path__ = ["/".join([root, *name.split(".")[1:]])]
            sys.modules[name] = package
        return _load()
    except ImportError:
        pass
    finally:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "IPython":
                del sys.modules[name]
    return _load()


def _load() -> Transformer:
    module = import_module("IPython.core.inputtransformer2")
    return Transformer(module, import_module("IPython.utils.tokenutil").generate_tokens_catch_errors)
