"""R code: what its cells bind, read, change and write, by tree-sitter's grammar, which is an optional dependency."""

from nbpromote.analysis.r.cells import with_r
from nbpromote.analysis.r.grammar import EXTRA, is_available, is_readable

__all__ = ["EXTRA", "is_available", "is_readable", "with_r"]
