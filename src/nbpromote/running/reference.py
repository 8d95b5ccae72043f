"""The reference of a case: the executed notebook with all that is noise taken out, small and clean in a diff."""

import base64
import binascii
import json
import struct
import tokenize
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from types import MappingProxyType
from typing import Any

from commonlib.receipts import MIME
from nbpromote.notebook.languages import named
from nbpromote.running.comparing.cells import PLOTTED
from nbpromote.running.executed import INJECTED
from nbpromote.running.noise import mask, settle

_DROPPED = ("application/vnd.jupyter.widget-view+json",)  # model ids are random
PLOTTED_MIME = "application/vnd.nbpromote.plotted+json"
PREPARATION = "case-preparation"
NOTHING_KEPT: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({})
_IGNORED_BY_NBVAL = "nbval-ignore-output"
_RECEIPT_NOISE = ("version", "path")
_DETAIL_NOISE = ("seconds", "hash", "sha256", "created", "attempt", "run")
_UNTOLD = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURE_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"tRNS"}  # the others tell software and time


@dataclass(frozen=True, slots=True)
class Masking:
    """What is needed to know noise: when the run was, and where."""

    now: datetime
    places: Mapping[str, str]

    def __call__(self, text: str) -> str:
        return mask(text, now=self.now, places=self.places)


def outputs(cell: Mapping[str, Any], masking: Callable[[str], str]) -> list[dict[str, Any]]:
    """A cell's outputs without noise, in nbformat's form; streams of one name are one.

    What a picture was drawn from moves to the output's metadata, which other tools leave alone.
    """
    made: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in cell.get("outputs", ()):
        kind = output["output_type"]
        if kind == "stream":
            name = output["name"]
            if name not in streams:
                streams[name] = {"output_type": "stream", "name": name, "text": ""}
                made.append(streams[name])
            streams[name]["text"] += _text(output["text"])
        elif kind == "error":
            made.append(
                {"output_type": kind, "ename": output["ename"], "evalue": masking(output["evalue"]), "traceback": []}
            )
        else:
            data = dict(output["data"])
            plotted = data.pop(PLOTTED_MIME, output.get("metadata", {}).get("nbpromote", {}).get(PLOTTED))
            metadata = {"nbpromote": {PLOTTED: plotted}} if plotted is not None else {}
            data = {mime: _masked(mime, value, masking) for mime, value in data.items() if mime not in _DROPPED}
            shown = {"output_type": kind, "metadata": metadata, "data": data}
            made.append({**shown, "execution_count": None} if kind == "execute_result" else shown)
    for stream in streams.values():
        stream["text"] = masking(_settled_lines(stream["text"]))
    return [one for one in made if one.get("text") != "" or one["output_type"] != "stream"]


def is_noisy(cell: Mapping[str, Any], masking: Masking) -> bool:
    """Whether another run of this cell shows something else, which is masked here and by nobody else."""
    mimes = {mime for output in cell.get("outputs", ()) for mime in output.get("data", ())}
    # nbval 0.11 on ipykernel 7 shows also what a semicolon hides.
    has_noise = bool(mimes & {MIME, *_DROPPED, "image/svg+xml"})
    return _is_hiding(cell.get("source", "")) or has_noise or outputs(cell, masking) != outputs(cell, str)


def _is_hiding(source: str) -> bool:
    """Whether it ends with a semicolon, perhaps with a comment behind it."""
    try:
        told = [one.string for one in tokenize.generate_tokens(StringIO(source).readline) if one.type not in _UNTOLD]
    except (tokenize.TokenError, SyntaxError):
        return source.rstrip().endswith(";")
    return told[-1:] == [";"]


def render(
    notebook: Any,
    masking: Masking,
    stamp: Mapping[str, Any],
    *,
    preparation: str | None = None,
    noisy: Collection[str] = (),
    kept: Mapping[str, Sequence[Mapping[str, Any]]] = NOTHING_KEPT,
) -> bytes:
    """The reference of an executed notebook (nbformat's node).

    Cells that show noise are tagged for nbval to pass over: it knows no masks.

    Args:
        stamp: what else to keep: versions of the environment, and what was written.
        preparation: code that gives the notebook what its case gives it, for whoever runs the reference by itself.
        noisy: ids of cells that are known to show noise.
        kept: id of a cell -> outputs that stay as the last reference has them.
    """
    cells = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(code, 1):
        cell_id = cell.get("id") or f"cell-{number}"
        shown = [dict(one) for one in kept.get(cell_id, outputs(cell, masking))]
        for one in shown:
            if one["output_type"] == "execute_result":
                one["execution_count"] = number
        tags = list(cell.metadata.get("tags", ()))
        if _IGNORED_BY_NBVAL not in tags and (cell_id in noisy or is_noisy(cell, masking)):
            tags.append(_IGNORED_BY_NBVAL)
        cells.append(_cell(cell_id, number, cell.source, tags, shown))
    if preparation is not None:
        cells.insert(0, _cell(PREPARATION, 0, preparation, [PREPARATION, _IGNORED_BY_NBVAL], []))
    language = notebook.metadata.get("language_info", {}).get("name") or "python"
    own = notebook.metadata.get("kernelspec") if named(language) != "python" else None
    kernel = {"kernelspec": own or {"name": "python3", "display_name": "Python 3", "language": "python"}}
    whole = {"cells": cells, "metadata": {**kernel, "nbpromote": dict(stamp)}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _cell(cell_id: str, number: int, source: str, tags: list[str], shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {"tags": tags} if tags else {},
        "execution_count": number,
        "source": source.splitlines(keepends=True),
        "outputs": shown,
    }


def own_code_cells(notebook: Any) -> list[Any]:
    """The code cells that the notebook itself has: without what Papermill injected, and without the preparation."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.source.strip()
        and not {INJECTED, PREPARATION} & {*cell.metadata.get("tags", [])}
    ]


def match(cells: Sequence[Any], references: Sequence[Any]) -> list[Any | None]:
    """For each cell its reference: that of the same id, or the same place where no id fits and the counts agree, or
    the next one of the same source."""
    by_id = {one.get("id"): one for one in references}
    is_alike = len(cells) == len(references)
    ids = {cell.get("id") for cell in cells}
    left = [one for one in references if one.get("id") not in ids]
    found: list[Any | None] = []
    for place, cell in enumerate(cells):
        one = by_id.get(cell.get("id"))
        if one is None and is_alike and references[place].get("id") not in ids:
            one = references[place]
        if one is None:
            one = next((other for other in left if other.source == cell.source), None)
        left = [other for other in left if other is not one]
        found.append(one)
    return found


def settled(reference: Any, computed: Any, *, tolerance: float) -> Any:
    """The computed output, with the reference's text wherever the two differ by float noise only."""
    if isinstance(reference, str) and isinstance(computed, str):
        return settle(reference, computed, tolerance=tolerance)
    if isinstance(reference, dict) and isinstance(computed, dict):
        return {
            key: settled(reference[key], value, tolerance=tolerance) if key in reference else value
            for key, value in computed.items()
        }
    if isinstance(reference, list) and isinstance(computed, list) and len(reference) == len(computed):
        return [settled(one, other, tolerance=tolerance) for one, other in zip(reference, computed, strict=True)]
    if isinstance(reference, float) and isinstance(computed, float):
        return reference if abs(reference - computed) <= tolerance * max(abs(reference), abs(computed)) else computed
    return computed


def _masked(mime: str, value: Any, masking: Callable[[str], str]) -> Any:
    if mime == MIME and isinstance(value, dict):
        details = {key: one for key, one in value.get("details", {}).items() if key not in _DETAIL_NOISE}
        kept = {key: one for key, one in value.items() if key not in _RECEIPT_NOISE}
        return {**kept, "details": details} if details else {key: one for key, one in kept.items() if key != "details"}
    if mime == "image/png":
        return picture(_text(value))
    if mime.startswith("image/") and mime != "image/svg+xml":
        return _text(value).replace("\n", "")
    if isinstance(value, str | list) and (mime.startswith("text/") or mime == "image/svg+xml"):
        return masking(_text(value))
    return value


def picture(encoded: str) -> str:
    """A PNG without what it says of software and time."""
    try:
        content = base64.b64decode(encoded)
    except binascii.Error:
        return encoded
    if not content.startswith(_PNG):
        return encoded.replace("\n", "")
    kept, at = [_PNG], len(_PNG)
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        chunk = content[at : at + 12 + length]
        if kind in _PICTURE_CHUNKS or kind == b"IEND":
            kept.append(chunk)
        at += len(chunk)
    return base64.b64encode(b"".join(kept)).decode()


def _settled_lines(text: str) -> str:
    """What a terminal would show in the end of lines that were drawn over (`\\r`)."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)
