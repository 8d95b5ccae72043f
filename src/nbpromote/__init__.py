"""Promote ad-hoc notebooks to production notebooks, and prove that the results did not change."""

__version__ = "0.1.0"
