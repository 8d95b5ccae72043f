"""One table, view or file that an SQL text uses."""

from dataclasses import dataclass

from nbpromote.analysis.facts import AccessKind, Direction


@dataclass(frozen=True, slots=True)
class TableUse:
    """`name` is the table, view or path; None where a part of it is only known when the notebook runs. `text` is how
    it is written, with `{...}` for such a part. `mode` is the write mode: `overwrite`, `append`, `errorifexists`,
    `ignore` (IF NOT EXISTS), `merge`, `update`, `delete`, `drop` or `alter`."""

    direction: Direction
    name: str | None
    text: str
    mode: str | None = None
    kind: AccessKind = AccessKind.TABLE
    format: str | None = None
