"""Definitions that compute the same, whatever their authors called things."""

from nbpromote.analysis.clones.differing import differing_lines
from nbpromote.analysis.clones.form import DefinitionNode, Form
from nbpromote.analysis.clones.groups import Group, Likeness, Placed, find_groups
from nbpromote.analysis.clones.near import likeness, near_pairs
from nbpromote.analysis.clones.scope import Scope, read_scope

__all__ = [
    "DefinitionNode",
    "Form",
    "Group",
    "Likeness",
    "Placed",
    "Scope",
    "differing_lines",
    "find_groups",
    "likeness",
    "near_pairs",
    "read_scope",
]
