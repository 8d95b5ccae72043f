# commonlib/plots/__init__.py
"""Plots of ours."""


# commonlib/plots/colours/__init__.py
from .names import RED


def of(name):
    return RED if name == "red" else None


# commonlib/plots/colours/names.py
RED = "#f00"


# commonlib/helpers/__init__.py


# commonlib/helpers/cleaning.py
def cleaned(frame):
    return frame.dropna()


# commonlib/plots/bars.py
from commonlib.plots.colours.names import RED

from . import sizes


def height(frame):
    return sizes.UNIT * len(frame), RED


# commonlib/plots/sizes.py
UNIT = 2
