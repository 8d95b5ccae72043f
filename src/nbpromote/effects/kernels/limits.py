"""What a run may take of the machine: time, memory, and whether it may reach out."""

import re
from dataclasses import dataclass

from nbpromote.effects.kernels import offline
from nbpromote.errors import NbpromoteError, UsageError

_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_LEAST_BYTES = 64_000_000


class NoSuchSize(UsageError):
    """A text that is no amount of memory that a kernel can start in."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        super().__init__(f"--memory {text}: {reason}; say it like 4GB or 1500MB")


class CannotGoOffline(NbpromoteError):
    """This machine cannot run a notebook without the network."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"--no-network: this machine does not let a process leave the network ({reason}); nothing was run. "
            "Leave the option away, or allow unprivileged user namespaces"
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout` is seconds for all cells of a run; `memory` bytes for its kernel and all that descends from it."""

    timeout: float | None = None
    memory: int | None = None
    has_network: bool = True

    def check(self) -> None:
        """Refuse what this machine cannot hold to.

        Raises:
            CannotGoOffline: it does not let a process leave the network.
        """
        if not self.has_network and (reason := offline.why_not()) is not None:
            raise CannotGoOffline(reason)


def bytes_of(text: str) -> int:
    """An amount of memory as people write it (`4GB`, `1.5 G`, `800MiB`), in bytes.

    Raises:
        NoSuchSize: it is none, or less than any kernel needs.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise NoSuchSize(text, "is no amount of memory")
    size = int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].upper()])
    if size < _LEAST_BYTES:
        raise NoSuchSize(text, "is less than any kernel needs")
    return size
