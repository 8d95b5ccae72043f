"""The command line: words become values, values become text. The only place that prints, catches and exits."""

from nbpromote.cli.entry import main

__all__ = ["main"]
