"""What libraries do: for each function and method what it returns, changes, shares, reads and writes.

The specifications are the TOML files beside this one; `README.md` says how to write one.
"""

from nbpromote.analysis.library.catalogue import FOLDER, Library, library_of
from nbpromote.analysis.library.specification import AccessSpec, CallSpec

__all__ = ["FOLDER", "AccessSpec", "CallSpec", "Library", "library_of"]
