"""Notebook -> Facts: names, flow, data read and written, literals. Nothing of a notebook is ever executed here."""

from nbpromote.analysis.analyse import analyse

__all__ = ["analyse"]
