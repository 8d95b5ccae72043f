"""Every text form that Jupytext writes, with and without its header, is the notebook that it was written from."""

import jupytext
import nbformat.v4 as v4
import pytest
from nbformat import NotebookNode
from nbformat import writes as to_json

from nbpromote.analysis import analyse
from nbpromote.notebook import Notebook, parse

CODE = {
    "python": ("%matplotlib inline\nimport math", "x = 2", "%%time\ny = math.sqrt(x)", "print(y)"),
    "R": ("library(stats)", "x <- 2", "y <- sqrt(x)", "print(y)"),
}
PYTHON = ["py:percent", "py:light", "py:hydrogen", "py:sphinx", "py:nomarker", "md:markdown", "md:myst", "Rmd"]
R = ["R:percent", "R:light", "R:hydrogen", "R:spin", "R:nomarker", "r:spin", "Rmd"]
# These forms have no place for tags, nor for raw cells, which Jupytext writes as text.
WITHOUT_METADATA = {"py:sphinx", "py:nomarker", "R:nomarker"}


def small(language: str, kernel: str) -> NotebookNode:
    load, parameter, work, show = CODE[language]
    return v4.new_notebook(
        metadata={"kernelspec": {"name": kernel, "display_name": language, "language": language}},
        cells=[
            v4.new_markdown_cell("# Title\n\nText with `code`."),
            v4.new_code_cell(load),
            v4.new_code_cell(parameter, metadata={"tags": ["parameters"]}),
            v4.new_raw_cell("a raw cell"),
            v4.new_code_cell(work),
            v4.new_markdown_cell("Then:"),
            v4.new_code_cell(show),
        ],
    )


def cells(notebook: Notebook, *, with_metadata: bool) -> list[tuple[object, ...]]:
    return [
        (cell.kind, cell.language, cell.source, cell.tags) if with_metadata else (cell.kind == "code", cell.source)
        for cell in notebook.cells
    ]


def flow(notebook: Notebook) -> set[tuple[int, int, str]]:
    number = {cell.id: cell.number for cell in notebook.cells}
    return {(number[edge.source], number[edge.target], edge.name) for edge in analyse(notebook).flow.edges}


@pytest.mark.parametrize("has_header", [True, False], ids=["header", "bare"])
@pytest.mark.parametrize(
    ("language", "kernel", "form"),
    [*(("python", "python3", form) for form in PYTHON), *(("R", "ir", form) for form in R)],
)
def test_text_holds_the_same_cells_and_flow_as_the_notebook(
    language: str, kernel: str, form: str, has_header: bool
) -> None:
    document = small(language, kernel)
    notebook = parse(to_json(document).encode(), "a.ipynb")
    if not has_header:
        document.metadata["jupytext"] = {"notebook_metadata_filter": "-all"}
    read = parse(jupytext.writes(document, fmt=form).encode(), "a." + form.partition(":")[0])
    assert read.language == notebook.language == language.lower()
    keeps = form not in WITHOUT_METADATA
    assert cells(read, with_metadata=keeps) == cells(notebook, with_metadata=keeps)
    assert flow(read) == flow(notebook)


def test_quarto_documents_are_read_by_their_chunks_without_quarto() -> None:
    text = (
        '---\ntitle: "A report"\njupyter: python3\n---\n\n## Title\n\n```{python}\n#| tags: [parameters]\nx = 2\n'
        "```\n\n::: {.callout-note}\nIt is a note.\n:::\n\n```{python}\n#| echo: false\ny = x\n```\n\n"
        "```bash\nls\n```\n"
    )
    read = parse(text.encode(), "a.qmd")
    assert (read.language, [str(cell.kind) for cell in read.cells]) == (
        "python", ["raw", "markdown", "code", "markdown", "code", "markdown"],
    )  # fmt: skip
    assert read.cells[2].tags == ("parameters",)
    assert flow(read) == {(3, 5, "x")}
    assert parse(b"# %%\n#| tags: [parameters]\nx = 2\n", "a.py").cells[0].tags == ()
