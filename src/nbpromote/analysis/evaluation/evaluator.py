"""The abstract run of a notebook, a cell at a time."""

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.evaluation.accesses import note_cell
from nbpromote.analysis.evaluation.arguments import Arguments
from nbpromote.analysis.evaluation.record import Record
from nbpromote.analysis.evaluation.state import State
from nbpromote.analysis.evaluation.statements import Statements
from nbpromote.analysis.scopes import arguments_of


class Evaluator(Statements):
    """Follows the cells of a notebook in their running order."""

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())

    def cell(self, code: CellCode) -> Record:
        """Follow one cell, and say what it does. RecursionError when it nests too deep to be followed."""
        state = self.state
        record = state.record = Record()
        state.code, state.fresh, state.frame, state.journal = code, set(), None, None
        state.loops, state.followed, state.inner_code = 0, 0, None
        state.made_here.clear()
        self.active.clear()
        self.recursive.clear()
        local = code.python.local_lines
        if not local:
            self.block(code.tree.body)
        for node in code.tree.body if local else ():
            before = dict(state.variables) if node.lineno in local else None
            self.block([node])
            if before is not None:
                # What is timed binds its names inside.
                state.variables.clear()
                state.variables.update(before)
        note_cell(state, code)
        return record

    def changes_of(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """What a function of the notebook changes when it is called: (names of the notebook, its parameters)."""
        state = self.state
        value = state.variables.get(name)
        functions = (
            [state.heap.functions[each] for each in value.objects if each in state.heap.functions] if value else []
        )
        names: set[str] = set()
        parameters: set[str] = set()
        before, state.record = state.record, Record()
        variables = dict(state.variables)
        state.fresh, state.frame, state.journal, state.followed = set(), None, None, 1
        self.memory.clear()
        for function in functions:
            places = list(arguments_of(function.node.args))
            given = {place.arg: state.heap.new() for place in places}
            simple = {place.arg for place in [*function.node.args.posonlyargs, *function.node.args.args]}
            self.follow(
                function,
                Arguments(
                    [given[place.arg] for place in places if place.arg in simple],
                    {place.arg: given[place.arg] for place in function.node.args.kwonlyargs},
                ),
                None,
            )
            changed = state.record.changed_objects
            parameters |= {each for each, value in given.items() if value.objects & changed}
        names |= set(state.record.mutates) | state.record.binds
        state.variables.clear()
        state.variables.update(variables)
        state.record, state.followed = before, 0
        return frozenset(names), frozenset(parameters)
