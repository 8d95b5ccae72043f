"""Nearest centres."""

from distances import absolute  # between numbers


def nearest(points, centre):
    return absolute(points, centre).idxmin()
