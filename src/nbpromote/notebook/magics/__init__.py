"""Magics: a cell of a notebook as Python that can be parsed, with the way back to what the user wrote."""

from nbpromote.notebook.magics.code import CodeProblem, Foreign, Magic, MagicKind, Piece, Place, PythonCode
from nbpromote.notebook.magics.translate import code_of, to_python

__all__ = [
    "CodeProblem",
    "Foreign",
    "Magic",
    "MagicKind",
    "Piece",
    "Place",
    "PythonCode",
    "code_of",
    "to_python",
]
