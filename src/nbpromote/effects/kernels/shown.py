"""What a cell, as it stands in the notebook of a run, says of itself."""

from typing import Any

from nbclient.exceptions import CellExecutionError

from nbpromote.running.executed import INJECTED

RECEIPT = "application/vnd.commonlib.receipt+json"


def is_run(cell: Any) -> bool:
    """Whether there is anything in it to run."""
    return cell.cell_type == "code" and bool(cell.source.strip())


def is_exit(cell: Any, error: CellExecutionError) -> bool:
    """Whether a cell ended the run on purpose: `sys.exit()`, or commonlib's receipt of an exit."""
    if error.ename == "SystemExit" and error.evalue in ("", "0", "None"):
        return True
    receipts = (output.get("data", {}).get(RECEIPT) for output in cell.outputs)
    return any(isinstance(receipt, dict) and receipt.get("kind") == "exit" for receipt in receipts)


def rows_written(cell: Any) -> int:
    """How many rows the receipts of this cell say that it wrote."""
    receipts = [output.get("data", {}).get(RECEIPT) for output in cell.get("outputs", ())]
    rows = [one.get("rows") for one in receipts if isinstance(one, dict) and one.get("kind") in {"write", "ingest"}]
    return sum(one for one in rows if isinstance(one, int))


def number(notebook: Any, index: int) -> int:
    """The cell's place in the document as its author knows it; 0 for what was injected."""
    own = [INJECTED not in cell.metadata.get("tags", []) for cell in notebook.cells[: index + 1]]
    return sum(own) if own[-1] else 0
