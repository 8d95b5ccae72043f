"""Calls that make a folder, which is kept whole."""

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
    return call.endswith(".to_parquet") and any(one.arg == "partition_cols" for one in site.call.keywords)
