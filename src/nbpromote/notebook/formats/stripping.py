"""An .ipynb file without what running it left there, and every other byte as it was.

Databricks' exports hold the rows of a table twice, as HTML in the output's data and as values in its metadata, and the
values that somebody chose in widgets; Jupyter keeps the state of its widgets.
"""

from nbpromote.notebook.formats import json_style
from nbpromote.notebook.formats.databricks_ipynb import CELL, NOTEBOOK

_WIDGET_STATE = "widgets"  # Jupyter's, beside Databricks' own under NOTEBOOK


def stripped(text: str) -> str:
    """The text of an .ipynb file without outputs, counts, and values of widgets."""
    document, style, _ = json_style.load(text)
    before = json_style.dump(document, style)
    if isinstance(document, dict):
        for cell in _cells(document):
            _strip_cell(cell)
        _strip_metadata(document.get("metadata"))
    after = json_style.dump(document, style)
    return text if after == before else after


def _cells(document: dict[str, object]) -> list[dict[str, object]]:
    sheets = document.get("worksheets")
    holders = [document, *(sheets if isinstance(sheets, list) else [])]
    listed = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    return [cell for cells in listed if isinstance(cells, list) for cell in cells if isinstance(cell, dict)]


def _strip_cell(cell: dict[str, object]) -> None:
    if cell.get("outputs"):
        cell["outputs"] = []
    for count in ("execution_count", "prompt_number"):
        if cell.get(count) is not None:
            cell[count] = None
    metadata = cell.get("metadata")
    for key in ("executionInfo", "execution", "papermill", "outputId"):
        if isinstance(metadata, dict):
            metadata.pop(key, None)
    about = metadata.get(CELL) if isinstance(metadata, dict) else None
    if isinstance(about, dict):
        for key in ("inputWidgets", "tableResultSettingsMap", "tableResultIndex", "cellMetadata"):
            if about.get(key):
                about[key] = None if key == "tableResultIndex" else {}


def _strip_metadata(metadata: object) -> None:
    if not isinstance(metadata, dict):
        return
    metadata.pop(_WIDGET_STATE, None)
    about = metadata.get(NOTEBOOK)
    widgets = about.get("widgets") if isinstance(about, dict) else None
    for widget in widgets.values() if isinstance(widgets, dict) else ():
        if isinstance(widget, dict):
            widget.pop("currentValue", None)
