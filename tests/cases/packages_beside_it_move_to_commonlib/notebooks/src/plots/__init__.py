"""Plots of ours."""
