"""What a published notebook asks of its job and gives to it: widgets, and values of tasks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_MAKERS = frozenset({"text", "dropdown", "combobox", "multiselect"})
_GETTERS = frozenset({"get", "getArgument"})


@dataclass(frozen=True, slots=True)
class Asking:
    """Widgets that a notebook makes and asks for, and the values of tasks that it sets and gets (of task, key).

    `sets_any` when it sets values whose names only a run knows, or cannot be read as Python.
    """

    made: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    gets: frozenset[tuple[str, str]] = frozenset()
    sets_any: bool = False


def asking_of(text: str) -> Asking:
    """What a file of Databricks source asks and gives; in it, all that is not Python stands in comments."""
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return Asking(sets_any=True)
    widgets = [(method, call) for method, call in _methods(calls, "widgets")]
    values = [(method, call) for method, call in _methods(calls, "taskValues")]
    sets = [_text(call, 0, "key") for method, call in values if method == "set"]
    gets = [(_text(call, 0, "taskKey"), _text(call, 1, "key")) for method, call in values if method == "get"]
    return Asking(
        frozenset(name for method, call in widgets if method in _MAKERS and (name := _text(call, 0, "name"))),
        frozenset(name for method, call in widgets if method in _GETTERS and (name := _text(call, 0, "name"))),
        frozenset(filter(None, sets)),
        frozenset((task, key) for task, key in gets if task and key),
        None in sets,
    )


def _methods(calls: list[ast.Call], owner: str) -> Iterator[tuple[str, ast.Call]]:
    for call in calls:
        match call.func:
            case ast.Attribute(attr=method, value=ast.Attribute(attr=name)) if name == owner:
                yield method, call


def _text(call: ast.Call, place: int, name: str) -> str | None:
    """The argument at this place or of this name, when it is a text."""
    given = next((one.value for one in call.keywords if one.arg == name), None)
    given = given if given is not None else (call.args[place] if place < len(call.args) else None)
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None
