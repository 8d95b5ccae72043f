"""Papermill without the object stores that it can write to: runs write by themselves, and each takes long to import."""

from typing import Any

from nbpromote.notebook.importing import import_without

_STORES = ("boto3", "pyarrow.fs", "gcsfs", "azure.storage.blob", "azure.datalake.store", "github")

execute: Any = import_without("papermill.execute", _STORES)
engines: Any = import_without("papermill.engines", _STORES)
exceptions: Any = import_without("papermill.exceptions", _STORES)
translators: Any = import_without("papermill.translators", _STORES)
