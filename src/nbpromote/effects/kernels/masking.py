"""Takes secrets out of what a notebook shows, before anything is kept of it."""

from collections.abc import Mapping
from typing import Any

from nbpromote.proof.observer.secrets import masked

__all__ = ["mask_outputs", "masked"]


def mask_outputs(cell: Any, secrets: Mapping[str, str]) -> None:
    """Replace secrets in the outputs of a cell (nbformat's node), in place."""
    if secrets and cell.get("outputs"):
        for output in cell.outputs:
            _mask(output, secrets)


def _mask(node: Any, secrets: Mapping[str, str]) -> None:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, str):
            clean = masked(value, secrets)
            if clean is not value:
                node[key] = clean
        elif isinstance(value, dict | list):
            _mask(value, secrets)
