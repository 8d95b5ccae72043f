"""Data that no crash, re-run or colleague can corrupt: named datasets in zones, in immutable committed versions."""

from commonlib.lake.artefacts import file, folder, write_file, write_folder
from commonlib.lake.errors import (
    BadManifest,
    BadMoment,
    BadName,
    Expired,
    LakeError,
    NotFound,
    PartitionTaken,
    SchemaRefused,
    StorageFailed,
    WriteNotProven,
)
from commonlib.lake.logs import Version
from commonlib.lake.tables import latest, read, read_pandas, versions, write

__all__ = [
    "BadManifest",
    "BadMoment",
    "BadName",
    "Expired",
    "LakeError",
    "NotFound",
    "PartitionTaken",
    "SchemaRefused",
    "StorageFailed",
    "Version",
    "WriteNotProven",
    "file",
    "folder",
    "latest",
    "read",
    "read_pandas",
    "versions",
    "write",
    "write_file",
    "write_folder",
]
