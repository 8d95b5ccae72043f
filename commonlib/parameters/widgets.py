"""What a job on Databricks hands to a parameter: its widgets, which hold text.

`dbutils` is looked up where Databricks puts it, and never imported: the import of it from the SDK may wait for minutes
for a host.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def asking_widgets(check: F) -> F:
    """The check of a parameter, of what a widget of its name holds where there is one.

    What Papermill injected wins over widgets, and widgets win over the default.
    """

    @wraps(check)
    def checked(name: str, value: object, **options: Any) -> object:
        return check(name, given(name, value), **options)

    return cast(F, checked)


def given(name: str, value: object) -> object:
    """What a widget of this name holds, as text; the value where there is none, or where Papermill injected it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    names: dict[str, Any] = shell.user_ns if shell is not None else {}
    widgets = getattr(names.get("dbutils"), "widgets", None)
    if widgets is None or _is_injected(names):
        return value
    try:
        return widgets.get(name)
    except Exception:  # whatever this runtime raises for a widget that nobody made
        return value


def _is_injected(names: dict[str, Any]) -> bool:
    """Whether Papermill put its cell into this notebook; its first line is always this one."""
    return any(isinstance(cell, str) and cell.startswith("# Parameters\n") for cell in names.get("In", ()))
