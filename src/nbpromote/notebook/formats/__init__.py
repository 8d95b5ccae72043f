"""The formats in which notebooks are stored, one a file, in the order in which a file is offered to them."""

from typing import Protocol

from nbpromote.notebook.formats import databricks_source, ipynb, jupytext_text
from nbpromote.notebook.model import Notebook


class StoredFormat(Protocol):
    """A module that reads one format. `suffix` is the file's, in lower case and with its dot."""

    def recognises(self, text: str, suffix: str) -> bool: ...

    def parse(self, text: str, path: str) -> Notebook: ...


# Databricks source before Jupytext, which would take it for a light script.
FORMATS: tuple[StoredFormat, ...] = (ipynb, databricks_source, jupytext_text)
