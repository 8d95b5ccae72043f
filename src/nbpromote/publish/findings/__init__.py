"""Checked notebooks in the forms that other programs read."""

from nbpromote.publish.findings.github import render_github
from nbpromote.publish.findings.plain import render_json
from nbpromote.publish.findings.sarif import render_sarif

__all__ = ["render_github", "render_json", "render_sarif"]
