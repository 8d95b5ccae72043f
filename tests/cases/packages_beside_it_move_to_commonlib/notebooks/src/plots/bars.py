from plots.colours.names import RED

from . import sizes


def height(frame):
    return sizes.UNIT * len(frame), RED
