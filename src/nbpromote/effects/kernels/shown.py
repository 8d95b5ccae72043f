"""What a cell, as it stands in the notebook of a run, says of itself."""

from typing import Any

from nbclient.exceptions import CellExecutionError

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
    return sum(number for number in rows if isinstance(number, int))
