"""Functions that came out of notebooks/adhoc/story.py."""


def halved(x): return x / 2
