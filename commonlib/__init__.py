"""What production notebooks import when they run: session, parameters, lake, ingest, validation, receipts."""

__version__ = "0.1.0"
