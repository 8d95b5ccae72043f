"""Calls that make a folder, which is kept whole."""

import ast

from nbpromote.promotion.writes.sites import Site

_CALLS = ("pyspark.ml.", "pyspark.RDD.saveAsTextFile")
_METHODS = frozenset({"saveAsTextFile", "save_pretrained", "save_to_disk"})


def is_folder(site: Site) -> bool:
    """Whether what the call writes is a folder, of which no table comes."""
    call = site.access.call
    if call.startswith(_CALLS) or call.rpartition(".")[2] in _METHODS:
        return True
    if call.startswith("mlflow.") and call.endswith(".save_model"):
        return True
    if site.access.format == "keras":
        return call.endswith(("saved_model.save", ".export")) or _is_saved_model(site)
    return call.endswith(".to_parquet") and any(one.arg == "partition_cols" for one in site.call.keywords)


def _is_saved_model(site: Site) -> bool:
    """Whether Keras makes a folder of it: what is called like no file, and is not asked to be one.

    See https://keras.io/api/models/model_saving_apis/: `.keras` and `.h5` are files, anything else is a SavedModel.
    """
    given = next((one.value for one in site.call.keywords if one.arg == "save_format"), None)
    if isinstance(given, ast.Constant) and given.value in {"h5", "keras"}:
        return False
    return bool(site.targets) and not any(one.endswith((".keras", ".h5", ".hdf5")) for one in site.targets)
