"""What production notebooks import when they run: session, parameters, lake, ingest, validation, receipts."""

from commonlib.ending import exit_run

__all__ = ["exit_run"]
__version__ = "0.1.0"
