"""What a cell binds, reads and deletes, followed along its statements."""

from nbpromote.analysis.names.found import CellNames, all_names, find_taken
from nbpromote.analysis.names.reader import find_names

__all__ = ["CellNames", "all_names", "find_names", "find_taken"]
