"""A production notebook in R runs as one in Python does; where R and its kernel are installed."""

import json
import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nbpromote.cli import main

NOTEBOOK = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .r
#       format_name: percent
#   kernelspec:
#     display_name: R
#     language: R
#     name: ir
# ---

# %% tags=["parameters"]
count <- 3L  # how many
as_of <- as.Date("1998-06-30")  # the last day
regions <- c("north", "south")
mode <- "fast"
password <- "none"

# %%
mode <- match.arg(mode, c("fast", "slow"))
stopifnot(is.integer(count), inherits(as_of, "Date"), is.character(regions))
total <- sum(seq_len(count))
cat("total", total, format(as_of + 1), length(regions), mode, nchar(password), password)
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    r = shutil.which("R")
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('IRkernel', quietly = TRUE))"]
    if r is None or subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        pytest.skip("R with IRkernel is not installed")
    folder = tmp_path / "jupyter" / "kernels" / "ir"
    folder.mkdir(parents=True)
    argv = [r, "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "R", "language": "R"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel")
def test_a_notebook_in_r_takes_parameters_of_its_own_types_and_secrets_and_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "repository"
    (root / "notebooks/production").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    (root / "notebooks/production/total.r").write_text(NOTEBOOK)
    monkeypatch.chdir(root)
    monkeypatch.setenv("WORD", 'a "b\\ word')
    name = "notebooks/production/total.r"
    given = ["count=4", "as_of=1998-12-31", "regions=a,b,c", "mode=slow", "password=secret:env/WORD"]
    assert main(["run", name, *(word for one in given for word in ("-p", one))]) == 0, capsys.readouterr()
    (executed,) = [path.read_text() for path in root.glob("runs/*/executed.ipynb")]
    assert "total 10 1999-01-01 3 slow 10 <secret password>" in executed
    assert 'as_of = as.Date(\\"1998-12-31\\")' in executed
    capsys.readouterr()
    assert main(["run", name, "-p", "cuont=4", "-p", "mode=slwo"]) == 2
    assert "did you mean count?" in capsys.readouterr().err
    assert main(["run", name, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "the last day" in said
    assert len(list(root.glob("runs/*/record.json"))) == 1

    notebook = root / "notebooks/production/total.r"
    notebook.write_text(f"{NOTEBOOK}\n# %%\nif (count > 4) quit(status = count) else q()\n\n# %%\nstop('not here')\n")
    assert main(["run", name]) == 0, "quit() ends the run"
    assert "exited early" in capsys.readouterr().out
    assert main(["run", name, "-p", "count=7"]) == 1, "and with a status it has failed"
    assert "quit(status = 7)" in capsys.readouterr().out


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel")
def test_a_notebook_in_r_is_tested_by_its_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "repository"
    case = root / "tests/notebooks/total"
    for folder in (root / "notebooks/production", case):
        folder.mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    notebook = root / "notebooks/production/total.r"
    head = NOTEBOOK.partition("# %%")[0]
    notebook.write_text(
        f'{head}# %% tags=["parameters"]\ncount <- 3\n\n# %%\ncat(sum(seq_len(count)))\n\n# %%\nSys.time()\n'
    )
    (case / "five.yml").write_text("parameters: {count: 5}\n")
    monkeypatch.chdir(root)
    assert main(["test", "--update"]) == 0, capfd.readouterr()
    assert "cell-3: noise, masked" in capfd.readouterr().out
    assert json.loads((case / "five.ipynb").read_text())["metadata"]["kernelspec"]["name"] == "ir"
    notebook.write_text(notebook.read_text().replace("sum(", "1 + sum("))
    assert main(["test"]) == 1
    said = capfd.readouterr().out
    assert "total.r:17 cell 2\n    cat(1 + sum(seq_len(count)))\n\nstdout: - 15\n+ 16" in said, said
    assert "1 failed, 4 passed" in said


_LAKE = """\

# %%
source("commonlib/lake.R")
sent <- data.frame(
  shop = c("a", "b\u00e9", NA), amount = c(1.5, NA, NaN), n = c(count, -2147483647L, NA), ok = c(TRUE, FALSE, NA),
  day = as.Date(c("1901-01-03", NA, "2026-01-01")), at = .POSIXct(c(1767225600.25, NA, -1), tz = "UTC"),
  none = c(NA_character_, NA, NA), "odd name" = 1:3, check.names = FALSE
)
stopifnot(lake$write(sent, "derived/sales") == 1)

# %%
got <- lake$read("derived/sales")
stopifnot(identical(sapply(got, class), sapply(sent, class)), identical(got$amount, sent$amount), all.equal(got, sent))
stopifnot(nrow(lake$read("derived/sales", version = 1)) == 3, lake$write(sent[0, ], "derived/none") == 1)
for (day in 1:2) lake$write(sent[day, ], "derived/parts", partition = list(run_date = as.Date("1998-06-30") + day))
stopifnot(identical(lake$read("derived/parts")$run_date, as.Date("1998-06-30") + 1:2))
refused <- tryCatch(lake$write(data.frame(a = I(list(1))), "derived/lists"), error = conditionMessage)
cat(refused)
"""


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel")
def test_a_notebook_in_r_reads_and_writes_the_lake_and_its_record_says_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('reticulate', quietly = TRUE))"]
    if subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        pytest.skip("R has no package reticulate")
    root = tmp_path / "repository"
    (root / "notebooks/production").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    shutil.copytree(Path(__file__).parents[3] / "commonlib", root / "commonlib")
    (root / "notebooks/production/total.r").write_text(NOTEBOOK + _LAKE)
    monkeypatch.chdir(root)
    assert main(["run", "notebooks/production/total.r"]) == 0, capsys.readouterr()
    (record,) = [json.loads(path.read_text()) for path in root.glob("runs/*/record.json")]
    done = [(one["kind"], one["dataset"], one["version"], one["rows"]) for one in record["receipts"]]
    assert done[:2] == [("write", "derived/sales", 1, 3), ("read", "derived/sales", 1, 3)]
    assert ("write", "derived/parts", 2, 1) in done
    (executed,) = [path.read_text() for path in root.glob("runs/*/executed.ipynb")]
    assert "column a is of class AsIs, which the lake does not hold" in executed
    frame = pq.read_table(next((root / "lake/derived/sales").rglob("*.parquet"))).to_pylist()
    assert (frame[1]["shop"], frame[2]["shop"], frame[1]["amount"], frame[2]["n"]) == ("b\u00e9", None, None, None)
    assert frame[2]["amount"] != frame[2]["amount"], "NaN is a number that is none"


def test_a_production_notebook_in_r_is_not_refused_for_being_in_r(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "repository"
    (root / "pyproject.toml").parent.mkdir()
    (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
    for folder, code in (("production", 0), ("adhoc", 1), ("production", 0)):
        path = root / "notebooks" / folder / "total.r"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NOTEBOOK + _LAKE)
        assert main(["check", str(path)]) == code, capsys.readouterr()
        assert ("PR301" in capsys.readouterr().out) is bool(code)
