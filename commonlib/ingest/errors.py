"""What ingest refuses, each with where it is and what to do."""

from commonlib.errors import CommonlibError


class IngestError(CommonlibError):
    """A source could not be landed; nothing was committed."""


class BadLayout(IngestError, ValueError):
    """The file that describes the source's columns is wrong."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class UndecodableSource(IngestError):
    """The source is not in the encoding that its layout names."""

    def __init__(self, path: str, encoding: str, line: int, reason: str) -> None:
        self.path, self.encoding, self.line = path, encoding, line
        super().__init__(
            f"{path} line {line}: is not {encoding}: {reason}; name its real encoding in the layout, for example "
            '"encoding: cp1252"'
        )
