"""Literals that want to be parameters: the named ones, and those written inline."""

from nbpromote.analysis.literals.finding import find_literals

__all__ = ["find_literals"]
