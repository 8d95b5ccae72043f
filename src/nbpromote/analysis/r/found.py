"""What turns up in a piece of R code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class Found:
    """What R code binds, reads and changes, at the level of the session's names; for a function, when it is called.

    - `binds`: names that it binds;
    - `reads`: names whose value from before it takes; those of `carries` it may take (arguments that are as often names
      of columns, names that are bound on some ways only);
    - `touched`: names of which an element, slot or attribute is replaced, which changes the thing itself when it is an
      environment, and makes another one when it is not;
    - `changed`: names of things that are changed in place for certain (`:=`, `setkey`);
    - `messages`: names of which a member is called (`counter$add()`);
    - `passed`: names that are given to a call: (function, name);
    - `shared`: names bound to what another name has, `references`: names bound to what is changed in place;
    - `functions`: functions that it binds, and things of which functions are part, by name;
    - `calls`: the functions that are called, by name and place; `packages`: those that it attaches or names.
    """

    binds: dict[str, None] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    carries: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    deletes_all: bool = False
    reads_any: bool = False
    binds_unknown: bool = False
    sets: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    passed: set[tuple[str, str]] = field(default_factory=set)
    shared: set[tuple[str, str]] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    functions: dict[str, Function] = field(default_factory=dict)
    calls: list[tuple[str, Node, bool]] = field(default_factory=list)
    attaches: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    resources_read: set[str] = field(default_factory=set)
    resources_changed: set[str] = field(default_factory=set)

    def add(self, other: Found) -> None:
        """Take over what running the other code does to the session; its own names stay inside."""
        self.carries |= other.carries
        self.sets |= other.sets
        self.changed |= other.changed
        self.messages |= other.messages
        self.passed |= other.passed
        self.calls += other.calls
        self.attaches |= other.attaches
        self.packages |= other.packages
        self.resources_read |= other.resources_read
        self.resources_changed |= other.resources_changed
        self.reads_any |= other.reads_any
        self.binds_unknown |= other.binds_unknown


@dataclass(slots=True)
class Function:
    """A function, and what calling it does. `is_stateful`: what it gives keeps a state of its own (`<<-` to one of its
    names); `node` is None for a thing of which functions are only a part."""

    found: Found
    parameters: tuple[str, ...] = ()
    node: Node | None = None
    is_stateful: bool = False
