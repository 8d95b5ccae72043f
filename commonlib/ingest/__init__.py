"""A source in any form becomes typed Parquet in the lake; what does not fit is set aside, and nothing is lost."""

from commonlib.ingest.errors import BadLayout, IngestError, UndecodableSource
from commonlib.ingest.landing import Landed, ingest

__all__ = ["BadLayout", "IngestError", "Landed", "UndecodableSource", "ingest"]
