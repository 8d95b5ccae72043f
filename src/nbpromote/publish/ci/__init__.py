"""Workflows for a notebook repository, as files that are written once and then are its own."""

from importlib import resources

FILES = {"github": ".github/workflows/notebooks.yml", "gitlab": ".gitlab-ci.yml"}


def workflow(service: str) -> str:
    """The workflow for one of `FILES`."""
    return resources.files(__name__).joinpath(f"{service}.yml").read_text(encoding="utf-8")
