"""The `dbutils` that a notebook has already."""

import sys


def of_databricks() -> object | None:
    """Databricks' own, where it puts it; None elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    found: object | None = shell.user_ns.get("dbutils") if shell is not None else None
    is_whole = all(hasattr(found, part) for part in ("fs", "secrets", "widgets", "notebook"))
    return found if is_whole and not type(found).__module__.startswith("commonlib.") else None
