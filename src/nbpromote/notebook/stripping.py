"""Takes out of an .ipynb what running it left there, and nothing else."""

import json
import re
from typing import Any

from nbpromote.errors import NbpromoteError

# Of cells and notebooks; tags, ids, kernels, Jupytext's, Databricks' and our own metadata stay.
_LEFT_BY_RUNS = ("execution", "ExecuteTime", "papermill", "collapsed", "scrolled", "widgets", "varInspector")
_INDENT = re.compile(rb"\A\{\s*?\n([ \t]+)")


class NoNotebook(NbpromoteError):
    """A file that is called .ipynb holds no notebook."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: is no notebook ({reason}); nothing was changed")


def strip(content: bytes, path: str) -> bytes:
    """The notebook without outputs, counts and times; the same bytes when there are none.

    Raises:
        NoNotebook: these bytes are none.
    """
    try:
        notebook = json.loads(content)
        sheets = [notebook, *notebook.get("worksheets", ())]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", ())]
        is_changed = _cleaned(notebook.get("metadata", {}))
        for cell in cells:
            is_changed |= _cleaned(cell.get("metadata", {}))
            if cell.get("cell_type") == "code":
                is_changed |= bool(cell.get("outputs"))
                cell["outputs"] = []
                for count in ("execution_count", "prompt_number"):
                    is_changed |= cell.get(count) is not None
                    if count in cell:
                        cell[count] = None
    except (ValueError, AttributeError, TypeError) as error:
        raise NoNotebook(path, str(error)) from error
    if not is_changed:
        return content
    found = _INDENT.match(content)
    is_plain = content.isascii()
    text = json.dumps(notebook, indent=found[1].decode() if found else 1, ensure_ascii=is_plain)
    return (text + ("\n" if content.endswith(b"\n") else "")).encode()


def _cleaned(metadata: dict[str, Any]) -> bool:
    there = [name for name in _LEFT_BY_RUNS if name in metadata]
    for name in there:
        del metadata[name]
    return bool(there)
