"""What lands a source: this process, or Spark where the source is big. What comes of it is the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

from commonlib.ingest import shapes, streaming
from commonlib.ingest.fields import Field
from commonlib.ingest.members import Member, Place
from commonlib.ingest.reader import Reader
from commonlib.ingest.tally import Tally
from commonlib.lake.storage import Storage

Engine: TypeAlias = Literal["auto", "local", "spark"]
ENGINES = get_args(Engine)
# Spark reads a source twice, and one process some 60 MB a second: below this, that is done in a few minutes.
BIG = 20_000_000_000


class Write(Protocol):
    """Writes the rows of the members into the folder; says the columns with their types, and what is worth telling."""

    def __call__(
        self,
        reader: Reader,
        members: Sequence[Member],
        location: str,
        tally: Tally,
        progress: Callable[[str], None],
        /,
    ) -> tuple[tuple[Field, ...], tuple[str, ...]]: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine: where it reads an original that is kept, how it looks at records without types, and how it writes."""

    place: Callable[[Storage, str], Place]
    look: shapes.Look
    write: Write


def choose(engine: Engine, size: int) -> Chosen:
    """The engine for a source of so many bytes."""
    if engine == "local" or (engine == "auto" and (size < BIG or find_spec("pyspark") is None)):
        return Chosen(lambda storage, path: Path(storage.local(path)), shapes.look, streaming.write)
    from commonlib.ingest import distributed

    return Chosen(distributed.place, distributed.look, distributed.write)
