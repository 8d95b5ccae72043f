"""Keeps secrets out of what cells print and show."""

import sys
from collections.abc import Mapping
from typing import Any

SHOWN = "[REDACTED]"
_secrets: list[str] = []


def keep_out(value: str) -> None:
    """From now on, write SHOWN wherever this value would be printed or shown by a cell."""
    if not value.strip() or value in _secrets:
        return
    if not _secrets:
        _hook()
    _secrets.append(value)
    _secrets.sort(key=len, reverse=True)  # one may hold another


def redacted(value: Any) -> Any:
    """A text, or the data of an output, without secrets."""
    if isinstance(value, str):
        for secret in _secrets:
            value = value.replace(secret, SHOWN)
        return value
    return {key: redacted(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def _hook() -> None:
    _patch_streams()
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return
    # IPython wraps the streams for each cell, and puts back what was there before it.
    shell.events.register("pre_run_cell", lambda *_: _patch_streams())
    form = shell.display_formatter.format

    def formatted(*args: Any, **options: Any) -> tuple[Any, Any]:
        data, metadata = form(*args, **options)
        return redacted(data), metadata

    shell.display_formatter.format = formatted


def _patch_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        write: Any = stream.write
        if getattr(write, "is_redacting", False):
            continue

        def writing(text: str, /, *, _write: Any = write) -> Any:
            return _write(redacted(text))

        writing.is_redacting = True  # type: ignore[attr-defined]
        try:
            stream.write = writing  # type: ignore[method-assign]
        except AttributeError:
            continue  # a stream of C, which takes no other method; what a cell shows is redacted all the same
