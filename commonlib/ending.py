"""A notebook that ends its run before its last cell, on purpose and with a value. Standard library only."""

import json
import sys
from typing import NoReturn

from commonlib import receipts


class RunExited(BaseException):
    """The run has ended on purpose. No `Exception`, so that a cell's own `except` does not go on after it."""

    def _render_traceback_(self) -> list[str]:
        """Nothing: the receipt says it (IPython asks an exception how to show it)."""
        return []


def exit_run(value: object = None) -> NoReturn:
    """End the run here, as done; the run's record keeps the value: text, a number, or whatever has a form in JSON.

    On Databricks it is `dbutils.notebook.exit`; in a plain Python process it ends the process with exit code 0.

    >>> exit_run("no new purchases since yesterday")  # doctest: +SKIP
    """
    kept = value if value is None or isinstance(value, str | int | bool) else json.dumps(value, default=str)
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    dbutils = None if shell is None else shell.user_ns.get("dbutils")
    if dbutils is not None and getattr(dbutils.notebook, "exit", exit_run) is not exit_run:
        dbutils.notebook.exit("" if kept is None else str(kept))
    receipts.show(receipts.Receipt("exit", details={} if kept is None else {"value": kept}))
    if shell is None:
        sys.exit(0)
    raise RunExited(str(kept))
