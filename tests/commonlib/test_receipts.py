"""Receipts survive the notebook that they are displayed in."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonlib.receipts import KINDS, MIME, Receipt, ReceiptError, from_json, show, to_json

ROOT = Path(__file__).parents[2]

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
receipts = st.builds(
    Receipt,
    kind=st.sampled_from(KINDS),
    dataset=st.none() | st.text(),
    version=st.none() | st.integers(),
    path=st.none() | st.text(),
    rows=st.none() | st.integers(min_value=0),
    columns=st.lists(st.text()).map(tuple),
    details=st.dictionaries(st.text(), scalars),
)


@given(receipts)
def test_a_receipt_comes_back_from_its_json_and_its_text(receipt: Receipt) -> None:
    assert from_json(to_json(receipt)) == receipt
    assert from_json(json.dumps(to_json(receipt), allow_nan=False)) == receipt
    assert pickle.loads(pickle.dumps(receipt)) == receipt


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert from_json({"kind": "read", "mood": "good"}) == Receipt("read")


@pytest.mark.parametrize(
    "data",
    [
        "nonsense",
        "[]",
        "null",
        {},
        {"kind": "sing"},
        {"kind": ["read"]},
        {"kind": "read", "rows": "many"},
        {"kind": "read", "version": True},
        {"kind": "read", "columns": "abc"},
        {"kind": "read", "columns": [1]},
        {"kind": "read", "columns": 5},
        {"kind": "read", "details": {"a": [1]}},
        {"kind": "read", "details": [1]},
    ],
)
def test_what_is_no_receipt_is_refused_with_one_kind_of_error(data: object) -> None:
    with pytest.raises(ReceiptError):
        from_json(data)  # type: ignore[arg-type]


def test_a_number_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ReceiptError, match="share"):
        Receipt("validate", details={"share": float("nan")})


def test_a_receipt_cannot_be_changed_by_whoever_made_it() -> None:
    details = {"rule": "not null"}
    receipt = Receipt("validate", details=details)
    details["rule"] = "other"
    assert receipt.details["rule"] == "not null"


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        (
            Receipt("read", "validated/purchases", 3, rows=69659, columns=("a", "b")),
            "read validated/purchases version 3: 69,659 rows, 2 columns",
        ),
        (Receipt("write", "derived/clv", 1, "lake/derived/clv", rows=1), "wrote derived/clv version 1: 1 row"),
        (Receipt("read", path="data/x.csv"), "read data/x.csv"),
        (Receipt("validate", "raw/x", details={"rejected": 2}), "validated raw/x: rejected 2"),
    ],
)
def test_the_line_that_people_read(receipt: Receipt, line: str) -> None:
    assert str(receipt) == line


def test_outside_ipython_the_line_is_printed_and_ipython_not_imported() -> None:
    code = (
        "import sys; from commonlib.receipts import *; show(Receipt('read', 'raw/x')); print('IPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["read raw/x", "False"]


def test_with_ipython_imported_but_not_running_the_line_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    import IPython  # noqa: F401

    show(Receipt("read", "raw/x"))
    assert capsys.readouterr().out == "read raw/x\n"


@pytest.mark.kernel
def test_an_executed_notebook_holds_the_receipt_beside_its_line() -> None:
    import nbformat
    from nbclient import NotebookClient

    code = "from commonlib.receipts import Receipt, show\nshow(Receipt('write', 'derived/x', 2, rows=5))"
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "one",
        "metadata": {},
        "source": code,
        "outputs": [],
        "execution_count": None,
    }
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, resources={"metadata": {"path": str(ROOT)}}, kernel_name="python3").execute()
    data = json.loads(json.dumps(notebook))["cells"][0]["outputs"][0]["data"]
    assert from_json(data[MIME]) == Receipt("write", "derived/x", 2, rows=5)
    assert "".join(data["text/plain"]) == "wrote derived/x version 2: 5 rows"


def test_receipts_need_the_standard_library_only() -> None:
    code = "import commonlib.receipts, sys\n"
    code += "print({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert eval(done.stdout) <= {"commonlib", "__main__"}
