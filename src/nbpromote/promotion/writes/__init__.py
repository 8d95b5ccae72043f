"""The notebook's writes: where they stand, what they are called in the lake, and how their code is rewritten."""

from nbpromote.promotion.writes.sites import Site, find_sites

__all__ = ["Site", "find_sites"]
