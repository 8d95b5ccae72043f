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
    """The source is not in the encoding that was named, or in UTF-8 when none was."""

    def __init__(self, path: str, encoding: str, line: int, reason: str, hint: str, *, example: str = "cp1252") -> None:
        self.path, self.encoding, self.line = path, encoding, line
        readings = f" ({hint})" if hint else ""
        super().__init__(
            f"{path} line {line}: is not {encoding}: {reason}; name its real encoding{readings}, for example with "
            f'--encoding {example}, or "encoding: {example}" in the layout'
        )


class MissingExtra(IngestError):
    """A form that needs a package which is not installed."""

    def __init__(self, path: str, form: str, package: str, extra: str = "forms") -> None:
        self.package = package
        super().__init__(
            f"{path}: to read {form} the package {package} is needed: pip install 'nbpromote[{extra}]', or "
            f"pip install {package}"
        )
