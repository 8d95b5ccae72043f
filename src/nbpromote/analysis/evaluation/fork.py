"""A fork of the way through a cell: each way is followed from the same start, and they are joined where they meet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from nbpromote.analysis.evaluation.heap import Frame
from nbpromote.analysis.evaluation.state import State
from nbpromote.analysis.evaluation.values import Value, join_all


class _Binding(NamedTuple):
    """A variable at one point: its frame (None: the notebook), its value, whether the cell has surely bound it."""

    frame: Frame | None
    name: str
    value: Value | None
    is_fresh: bool


@dataclass(slots=True)
class Fork:
    """What the variables were before the fork, and what each way that comes to its end has made of them."""

    state: State
    starts: dict[tuple[int, str], _Binding] = field(default_factory=dict)
    ends: list[dict[tuple[int, str], _Binding]] = field(default_factory=list)

    def follow(self, body: Callable[[], bool]) -> None:
        """Follow one way, and go back to the fork."""
        state = self.state
        outer, state.journal = state.journal, []
        is_over = body()
        journal, state.journal = state.journal, outer
        end: dict[tuple[int, str], _Binding] = {}
        for frame, name, _, _ in journal:
            variables = frame.variables if frame is not None else state.variables
            is_fresh = frame is None and name in state.fresh
            end[id(frame), name] = _Binding(frame, name, variables.get(name), is_fresh)
        for before in map(_Binding._make, reversed(journal)):
            self.starts[id(before.frame), before.name] = before
            self._set(before)
        if not is_over:
            self.ends.append(end)

    def join(self) -> bool:
        """Go on with what may have come of each variable; True when no way comes to its end."""
        for key in dict.fromkeys(key for end in self.ends for key in end):
            start = self.starts[key]
            ends = [end.get(key, start) for end in self.ends]
            known = [end.value for end in ends if end.value is not None]
            if self.state.journal is not None:
                self.state.journal.append((start.frame, start.name, start.value, start.is_fresh))
            self._set(
                start._replace(value=join_all(known) if known else None, is_fresh=all(end.is_fresh for end in ends))
            )
        return not self.ends

    def _set(self, binding: _Binding) -> None:
        frame, name, value, is_fresh = binding
        variables = frame.variables if frame is not None else self.state.variables
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
        if frame is None:
            (self.state.fresh.add if is_fresh else self.state.fresh.discard)(name)
