"""Notebooks made of texts, for tests."""

from collections.abc import Sequence

from nbpromote.notebook.model import Cell, CellKind, Format, Notebook, Output


def notebook_of(
    *sources: str, counts: Sequence[int | None] = (), outputs: dict[int, tuple[Output, ...]] | None = None
) -> Notebook:
    """A notebook with these code cells; their ids are `c1`, `c2`, ..."""
    return Notebook(
        "work.ipynb",
        Format.IPYNB,
        "python",
        tuple(
            Cell(
                f"c{number}",
                number,
                CellKind.CODE,
                source,
                execution_count=counts[number - 1] if counts else None,
                outputs=(outputs or {}).get(number, ()),
            )
            for number, source in enumerate(sources, start=1)
        ),
    )
