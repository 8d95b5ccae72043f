"""What a run's cells said of data, read from their outputs."""

from typing import Any

from commonlib.receipts import MIME, Receipt, ReceiptError, from_json


def receipts_in(notebook: Any) -> tuple[tuple[str, Receipt], ...]:
    """Every receipt in an executed notebook (nbformat's node), in order, with the id of the cell that showed it.

    What carries the MIME type of a receipt and is none is passed over.
    """
    found = []
    for cell in notebook.get("cells", ()) if notebook else ():
        for output in cell.get("outputs", ()):
            data = output.get("data", {}).get(MIME)
            if data is None:
                continue
            try:
                found.append((str(cell.get("id", "")), from_json(data)))
            except ReceiptError:
                continue
    return tuple(found)
