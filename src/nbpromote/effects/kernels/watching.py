"""How a kernel comes to be watched: code that runs in it before and after a notebook."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import nbformat.v4

from nbpromote import proof

_v4: Any = nbformat.v4  # has no types
OBSERVER = Path(proof.__file__).parent / "observer"
_PREAMBLE = """\
def _nbpromote_watch():
    import importlib.util, json, sys
    spec = importlib.util.spec_from_file_location(
        "_nbpromote_observer", {init!r}, submodule_search_locations=[{folder!r}]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.start(json.loads({settings!r}))
_nbpromote_watch()
del _nbpromote_watch
"""
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
EPILOGUE = "import sys as _nbpromote_sys; _nbpromote_sys.modules['_nbpromote_observer'].finish()"
_PATCHED = frozenset({"pandas", "numpy", "pyspark", "matplotlib", "joblib"})


def preamble(settings: object) -> str:
    """Code that starts an observer with these settings."""
    return _PREAMBLE.format(init=str(OBSERVER / "__init__.py"), folder=str(OBSERVER), settings=json.dumps(settings))


def patched(modules: Collection[str]) -> list[str]:
    """Of the modules that a notebook imports, those to patch before it runs, lest one cell imports them and writes."""
    found = {one.split(".")[0] for one in modules} & _PATCHED
    found |= {"pyspark.ml.util" for one in modules if one.startswith("pyspark.ml")}
    return sorted(found | {"plotly.basedatatypes" for one in modules if one.split(".")[0] == "plotly"})


def node_of_cells(cells: Iterable[tuple[str, str]]) -> Any:
    """A notebook of these code cells, id and source."""
    made = [_v4.new_code_cell(source, id=cell_id) for cell_id, source in cells]
    return _v4.new_notebook(cells=made, metadata={"kernelspec": _KERNEL})
