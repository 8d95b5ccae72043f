"""`dbutils` wherever a notebook runs: Databricks' own there, and elsewhere what of it makes sense without a workspace.

    from commonlib.dbutils import dbutils

Databricks' own is looked up among the notebook's names, and never imported. Elsewhere: `widgets` have their defaults,
`notebook.exit` ends the run with a value for its record, `notebook.run` runs another notebook, `fs` works on the lake's
root, `secrets` come from the environment or the keyring, and `jobs.taskValues` are kept for the run. Everything else
raises NotOnDatabricks, which says what it is for.
"""

from typing import Any

from commonlib.dbutils.elsewhere import Elsewhere, NotOnDatabricks
from commonlib.dbutils.found import of_databricks

dbutils: Any = of_databricks() or Elsewhere()

__all__ = ["NotOnDatabricks", "dbutils"]
