"""What a production notebook tells of itself at its top: where it came from, what it makes, how to run it.

All of it follows from the ad-hoc notebook, its history in git and the tool. Who promoted it and when is no part of it:
that is in the proof, which is new with every promotion.
"""

import hashlib
import re

from nbpromote import __version__
from nbpromote.notebook.model import Notebook
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.remembered import noted

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_LONGEST_LINE = 60
# These change while the notebook that comes of it does not: with a new release, or when outputs are saved again.
_STAMP = re.compile(r"^#     (?:version|source_(?:author|commit|date)): .*\n", re.MULTILINE)


def metadata_of(draft: Draft) -> dict[str, object]:
    """The notebook's metadata, with the header under `nbpromote`."""
    options, origin = draft.options, draft.options.origin
    header: dict[str, object] = {
        "source": options.source,
        "source_sha256": source_hash(draft.source_notebook),
        "results": _results(draft),
        "parameters": [parameter.name for parameter in draft.parameters],
        "run": f"nbpromote run {options.target}",
        "version": __version__,
    }
    if draft.requires is not None:
        header["commonlib"] = draft.requires
    if origin is not None:
        header |= {"source_commit": origin.commit, "source_date": origin.date, "source_author": origin.author}
    header |= noted(options, draft.decisions, draft.source_notebook)
    return {"kernelspec": _KERNEL, "nbpromote": header}


def source_hash(notebook: Notebook) -> str:
    """sha256 over the cells' kinds and sources, so that outputs and execution counts do not count."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        digest.update(f"{cell.kind}\0{cell.source}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def is_same_but_for_stamp(before: str, after: str) -> bool:
    """Whether two production notebooks differ at most in the release that made them and in the source's last commit."""
    return _without_stamp(before) == _without_stamp(after)


def _without_stamp(text: str) -> str:
    head, line, rest = text.partition("\n# ---\n")
    return _STAMP.sub("", head + "\n") + line + rest


def _results(draft: Draft) -> list[str]:
    """The datasets that are written, the names that were asked for, and what is shown, by the line that shows it."""
    cells = {cell.id: cell for cell in draft.kept_code}
    shown = [
        cells[cell_id].source.rstrip().rpartition("\n")[2].strip() for cell_id in draft.results if cell_id in cells
    ]
    told = [f"shown by {line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 3] + '...'}" for line in shown]
    return list(dict.fromkeys([*(output.dataset for output in draft.outputs), *draft.options.results, *told]))
