"""References to secrets, which stand in parameters, notebooks and records in place of the secrets themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "secret:"
_WHOLE = re.compile(r"secret:([A-Za-z0-9_.-]+)/([^\s/][^\s]*)")


@dataclass(frozen=True, slots=True)
class Reference:
    """`secret:scope/key`: which source to ask, and for what."""

    scope: str
    key: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.scope}/{self.key}"


def parse(value: object) -> Reference | None:
    """The reference that this text is; None when it is none."""
    found = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    return Reference(found[1], found[2]) if found else None


def references(parameters: Mapping[str, object]) -> dict[str, Reference]:
    """The parameters whose values are references, by name."""
    return {name: found for name, value in parameters.items() if (found := parse(value)) is not None}
