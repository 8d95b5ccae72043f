"""Functions that came out of notebooks/adhoc/story.py."""


def share(part, whole):
    return part / whole
