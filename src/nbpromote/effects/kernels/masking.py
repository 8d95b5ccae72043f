"""Takes secrets out of what a notebook shows, before anything is kept of it."""

import html
from collections.abc import Mapping
from typing import Any

from nbpromote.proof.observer.secrets import masked

__all__ = ["mask_outputs", "masked"]

_TAGGED = {"text/html", "image/svg+xml", "text/markdown"}


def mask_outputs(cell: Any, secrets: Mapping[str, str]) -> None:
    """Replace secrets in the outputs of a cell (nbformat's node), in place."""
    if secrets and cell.get("outputs"):
        for name in ("stdout", "stderr"):
            _join([one for one in cell.outputs if one.output_type == "stream" and one.name == name], secrets)
        for output in cell.outputs:
            _mask(output, secrets)


def _join(streams: list[Any], secrets: Mapping[str, str]) -> None:
    """Where a secret was printed in pieces, put all into the first one; the others stay, for widgets count outputs."""
    if len(streams) < 2:
        return
    whole = masked("".join(one.text for one in streams), secrets)
    if whole != "".join(masked(one.text, secrets) for one in streams):
        for one in streams:
            one.text = ""
        streams[0].text = whole


def _mask(node: Any, secrets: Mapping[str, str]) -> None:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, str):
            clean = masked(value, secrets)
            if clean is not value:
                node[key] = clean
                if key in _TAGGED:  # or a browser would take what stands there for a tag, and show nothing
                    for name in {*secrets.values()}:
                        node[key] = node[key].replace(name, html.escape(name))
        elif isinstance(value, dict | list):
            _mask(value, secrets)
