"""Cell ids: those of the file where they are fit, else ids that stay the same from reading to reading."""

import hashlib
import re
from collections.abc import Iterable

_FIT = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def assign(cells: Iterable[tuple[object, str, str]]) -> list[str]:
    """An id for each cell, told as (the file's id or None, kind, source).

    The file's id is kept when nbformat allows it (JEP 62) and no cell before has it. Else the id is made of the kind
    and the source, so that a change to one cell leaves the ids of all others.
    """
    told = list(cells)
    taken: set[str] = set()
    found: list[str | None] = []
    for own, _, _ in told:
        fit = isinstance(own, str) and bool(_FIT.fullmatch(own)) and own not in taken
        found.append(str(own) if fit else None)
        if fit:
            taken.add(str(own))
    ids: list[str] = []
    seen: dict[str, int] = {}
    for (_, kind, source), own_id in zip(told, found, strict=True):
        if own_id is not None:
            ids.append(own_id)
            continue
        base = f"{kind}\0{source}"
        made = ""
        while not made or made in taken:
            seen[base] = seen.get(base, 0) + 1
            content = f"{base}\0{seen[base]}".encode("utf-8", "surrogatepass")
            made = hashlib.blake2b(content, digest_size=4).hexdigest()
        taken.add(made)
        ids.append(made)
    return ids
