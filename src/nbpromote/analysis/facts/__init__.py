"""What analysis says of a notebook: for each cell what it needs, makes and changes, and what flows between cells."""

from nbpromote.analysis.facts.cells import CellFacts, Facts
from nbpromote.analysis.facts.code import Call, Definition, DefinitionKind, Import, Problem, Span
from nbpromote.analysis.facts.data import (
    Access,
    AccessKind,
    Direction,
    Literal,
    LiteralKind,
    TargetKind,
    Widget,
    Written,
)
from nbpromote.analysis.facts.flow import Edge, Flow, HiddenState, OrderKind, Slice

__all__ = [
    "Access",
    "AccessKind",
    "Call",
    "CellFacts",
    "Definition",
    "DefinitionKind",
    "Direction",
    "Edge",
    "Facts",
    "Flow",
    "HiddenState",
    "Import",
    "Literal",
    "LiteralKind",
    "OrderKind",
    "Problem",
    "Slice",
    "Span",
    "TargetKind",
    "Widget",
    "Written",
]
