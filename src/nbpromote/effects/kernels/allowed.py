"""How long a run and each of its cells may take."""

import time
from dataclasses import dataclass


@dataclass
class Allowed:
    """The seconds for a start, a run and a cell; None for ever. The run's time counts from its first cell."""

    start: float
    run: float | None = None
    cell: float | None = None
    _begun: float | None = None

    def begin(self) -> None:
        """The first cell begins."""
        self._begun = time.monotonic()

    def end(self) -> None:
        """The last cell has ended: what comes is the tool's own."""
        self._begun = None

    def left(self, _cell: object = None) -> float | None:
        """How long a cell that begins now may take, for nbclient; None for ever."""
        if self._begun is None:
            return max(self.start, self.run or 0.0)
        limits = [] if self.cell is None else [self.cell]
        if self.run is not None:
            limits.append(self._begun + self.run - time.monotonic())
        return max(min(limits), 0.001) if limits else None

    def overrun(self) -> str:
        """Which of them is over."""
        if self.run is not None and time.monotonic() >= (self._begun or 0.0) + self.run:
            return f"the run took longer than the {self.run:g} s that it was given"
        return f"the cell took longer than the {self.cell:g} s that it was given"
