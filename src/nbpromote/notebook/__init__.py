"""A notebook as a value, read from any format that people keep notebooks in."""

from nbpromote.notebook.model import Cell, CellKind, Format, Notebook, Output
from nbpromote.notebook.reading import parse, read

__all__ = ["Cell", "CellKind", "Format", "Notebook", "Output", "parse", "read"]
