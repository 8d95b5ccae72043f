# commonlib/clusters.py
"""Nearest centres."""

from commonlib.distances import absolute  # between numbers


def nearest(points, centre):
    return absolute(points, centre).idxmin()


# commonlib/distances.py
def absolute(points, centre):
    from commonlib import scales as s

    return (points - centre).abs() * s.UNIT


# commonlib/scales.py
UNIT = 1.0
