"""Functions that came out of notebooks/adhoc/story.py."""


def spread(points):
    from commonlib.distances import absolute
    return absolute(points, points.mean()).max()
