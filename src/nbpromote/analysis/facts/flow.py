"""The order in which cells run, and what flows between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` needs `name` (a variable, or a resource such as `temp view v`) from `source`; both are cell ids.
    `kind` is `value`, `mutation` (source changed the object in place) or `resource`."""

    source: str
    target: str
    name: str
    kind: str = "value"


class OrderKind(StrEnum):
    DOCUMENT = "document"
    EXECUTION = "execution counts"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class HiddenState:
    """A name that a cell reads and that no cell before it, in the chosen order, has bound.

    `kind`: `gone` (no cell binds it), `later` (a later cell binds it), `changed` (bound only by a cell that was changed
    after it ran, as far as outputs and counts tell), `deleted`."""

    cell_id: str
    name: str
    kind: str
    definers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """The order in which the notebook runs, and what flows between its cells in that order.

    `order` holds the ids of all code cells, `order_kind` how it was found: document order when that runs, else the
    execution counts, else a topological order that moves as little as possible. `hidden` is what stays unresolved in
    `order`; `hidden_in_document` what would be unresolved from top to bottom."""

    order: tuple[str, ...]
    order_kind: OrderKind
    edges: tuple[Edge, ...]
    hidden: tuple[HiddenState, ...]
    hidden_in_document: tuple[HiddenState, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """The cells that a result needs, in running order, each with the reason why it is in."""

    cells: tuple[str, ...]
    reasons: Mapping[str, str]
