"""What one cell turns out to do when it is followed."""

from dataclasses import dataclass, field

from nbpromote.analysis.facts import Access


@dataclass(slots=True)
class Record:
    """`reads`, `binds` are those that functions, called from the cell, read and rebind; `gets` are bound by what runs
    the cell; `mutates` says how, by name."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    gets: set[str] = field(default_factory=set)
    mutates: dict[str, str] = field(default_factory=dict)
    resources_read: set[str] = field(default_factory=set)
    resources_changed: set[str] = field(default_factory=set)
    accesses: list[Access] = field(default_factory=list)
    peeks: set[int] = field(default_factory=set)
    shows: set[int] = field(default_factory=set)
    binds_unknown: bool = False
    shows_rows: bool = False
    quiet: set[int] = field(default_factory=set)
    changed_objects: set[int] = field(default_factory=set)
