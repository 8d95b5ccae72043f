"""The flow of a notebook as a picture: what its cells make, and which cells need it."""

from nbpromote.publish.flow.drawing import render_html, render_svg
from nbpromote.publish.flow.view import CellView, FlowView, Need, State, view_flow

__all__ = ["CellView", "FlowView", "Need", "State", "render_html", "render_svg", "view_flow"]
