"""A cell's saved outputs, of nbformat 4 and 3."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from nbpromote.notebook.model import Output

_OLD_KINDS = {"pyout": "execute_result", "pyerr": "error"}
# nbformat 3 kept MIME data under short keys beside the output's own.
_OLD_MIME = {
    "text": "text/plain", "html": "text/html", "svg": "image/svg+xml", "png": "image/png", "jpeg": "image/jpeg",
    "latex": "text/latex", "json": "application/json", "javascript": "application/javascript", "pdf": "application/pdf",
}  # fmt: skip


def parse(raw: object) -> tuple[Output, ...]:
    """The outputs in what a file holds for them; what is no output is left out."""
    if not isinstance(raw, list):
        return ()
    return tuple(_output(item) for item in raw if isinstance(item, Mapping))


def render(outputs: tuple[Output, ...], execution_count: int | None) -> list[dict[str, object]]:
    """The outputs as nbformat 4 has them."""
    rendered: list[dict[str, object]] = []
    for output in outputs:
        if output.kind == "stream":
            item: dict[str, object] = {"name": output.name or "stdout", "text": output.text.splitlines(keepends=True)}
        elif output.kind == "error":
            item = {"ename": output.error, "evalue": output.name, "traceback": output.text.split("\n")}
        else:
            data = {mime: _mime_value(mime, text) for mime, text in output.data.items()}
            item = {"data": data, "metadata": {}}
            if output.kind == "execute_result":
                item["execution_count"] = execution_count
        kind = output.kind if output.kind in {"stream", "error", "execute_result"} else "display_data"
        rendered.append({"output_type": kind, **item})
    return rendered


def _output(item: Mapping[str, object]) -> Output:
    told = item.get("output_type")
    kind = _OLD_KINDS.get(told, told) if isinstance(told, str) else "display_data"
    if kind == "stream":
        name = item.get("name", item.get("stream"))
        return Output(kind, name=name if isinstance(name, str) else "stdout", text=_text(item.get("text")))
    if kind == "error":
        lines = item.get("traceback")
        text = "\n".join(_text(line) for line in lines) if isinstance(lines, list) else _text(lines)
        return Output(kind, name=_text(item.get("evalue")), text=text, error=_text(item.get("ename")))
    data = item.get("data")
    if isinstance(data, Mapping):
        found = {str(mime): _text(value) for mime, value in data.items()}
    else:
        found = {mime: _text(item[key]) for key, mime in _OLD_MIME.items() if key in item}
    return Output(kind, data=MappingProxyType(found))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):
        return ""


def _mime_value(mime: str, text: str) -> object:
    if mime == "application/json" or mime.endswith("+json"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text.splitlines(keepends=True) if mime.startswith("text/") or mime == "image/svg+xml" else text
