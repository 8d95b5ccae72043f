"""What counts as the same."""

from dataclasses import dataclass
from datetime import date

OTHER_ORDER = "the same rows in another order"


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts as the same.

    `tolerance` is relative, for floats; `is_any_order` lets rows and lines come in another order; `today` lets what is
    shown tell the time of this day.
    """

    tolerance: float = 1e-9
    is_any_order: bool = False
    today: date | None = None
