"""Notebooks executed on kernels of their own, watched and within limits."""
