"""Regression tests of production notebooks, for pytest."""
