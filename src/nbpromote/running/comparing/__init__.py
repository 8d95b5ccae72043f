"""Two runs' outputs of one cell, compared by what they are: text, table, picture, chart, data."""

from nbpromote.running.comparing.cells import compare
from nbpromote.running.comparing.difference import Difference, Terms

__all__ = ["Difference", "Terms", "compare"]
