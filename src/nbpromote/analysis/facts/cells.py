"""What each cell needs, makes and changes, and all that is known of a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbpromote.analysis.facts.code import Call, Definition, Import, Problem
from nbpromote.analysis.facts.data import Access, Literal, Widget
from nbpromote.analysis.facts.flow import Flow
from nbpromote.notebook.model import Notebook


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What one code cell needs, makes and changes, at the level of the notebook's names.

    - `binds`: names that it assigns, imports or defines (augmented assignment and `del` targets are in `reads` too);
    - `reads`: names whose value from before the cell it may use (through functions it calls, followed, also);
    - `mutates`: names of which the object may be changed in place; `mutation_reasons` says how, per name;
    - `deletes`: names that it deletes;
    - `carries`: names of which a value from before may live on, but need not exist: bound on some ways through the cell
      only, or used by code that may never run (they make edges, but never hidden state);
    - `binds_unknown`: it binds names that nobody can list (`from x import *`, `%run`, `exec`);
    - `displays`: it shows something that a reader would look at (last expression, print, plot, display);
    - `is_peek`: all that it does is to look (`df.head()`, `df.shape`, `len(x)`), nothing is bound or changed;
    - `opaque`: effects that analysis cannot see into (shell, other languages), as short texts;
    - `calls`: the calls of pandas, NumPy and Spark that stand in it, in the order of the text;
    - `resources_read`, `resources_changed`: state outside names, as keys that cells share and by which they keep their
      order: `"temp view x"`, `"table x"`, `"file data/x.csv"`, `"random state of numpy"`, `"spark conf"`, `"figure"`.
    """

    cell_id: str
    binds: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    mutation_reasons: Mapping[str, str] | None = None
    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()
    accesses: tuple[Access, ...] = ()
    resources_read: frozenset[str] = frozenset()
    resources_changed: frozenset[str] = frozenset()
    displays: bool = False
    is_peek: bool = False
    opaque: tuple[str, ...] = ()
    magics: tuple[str, ...] = ()
    pip_requirements: tuple[str, ...] = ()
    problem: Problem | None = None
    carries: frozenset[str] = frozenset()
    binds_unknown: bool = False
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that analysis knows of a notebook."""

    notebook: Notebook
    cells: tuple[CellFacts, ...]
    flow: Flow
    literals: tuple[Literal, ...]
    widgets: tuple[Widget, ...] = ()
    _by_id: dict[str, CellFacts] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {cell.cell_id: cell for cell in reversed(self.cells)})

    def of(self, cell_id: str) -> CellFacts:
        """The facts of this code cell; KeyError when there is none."""
        return self._by_id[cell_id]
