"""Where the data are."""

from pathlib import Path


def here(name):
    return Path(__file__).parent / name
