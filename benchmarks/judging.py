"""Judges a promotion without the tool's proof: both notebooks run by nbclient, and what they show is compared.

Everything that the production notebook shows must be among what the ad-hoc one shows, each as often. Told as well is
whether what the ad-hoc one shows last is there.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat

_GIVEN = """\
try:
    spark
except NameError:
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    sc, sqlContext = spark.sparkContext, spark
"""
_PATTERNS = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"\d+(\.\d+)? ?(ns|µs|us|ms|s) (±|\+)[^\n]*"), "TIME"),
    (re.compile(r"#\d+L?"), "#"),  # Spark's numbers of columns
    (re.compile(r"(-?\d+\.\d{6})\d+"), r"\1"),
    (re.compile(r"-0\.0+\b"), "0.0"),
    (re.compile(r"id=\"[^\"]*\"|#T_\w+|T_\w+"), ""),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an independent run of both notebooks says; `extra` is what only the production notebook shows."""

    is_right: bool
    shown: int = 0
    extra: list[str] = field(default_factory=list)
    is_last_there: bool = True
    problem: str = ""

    @property
    def words(self) -> str:
        if self.problem:
            return f"[{self.problem}]"
        last = "" if self.is_last_there else ", without what the ad-hoc one shows last"
        return f"[{'right' if self.is_right else 'WRONG'}: {self.shown} shown, {len(self.extra)} other{last}]"


def judge(root: Path, adhoc: Path) -> Judged:
    """Run both notebooks apart from the tool, and compare what they show."""
    (made,) = (root / "notebooks/production").glob("*.py")
    production = jupytext.read(made)
    with tempfile.TemporaryDirectory(prefix="judging-") as held:
        copy = Path(held, "repository")
        shutil.copytree(root / "notebooks/adhoc", copy / "notebooks/adhoc", symlinks=True)
        try:
            before = _run(nbformat.read(copy / adhoc, 4), (copy / adhoc).parent, root, Path(held))
        except Exception as error:  # whatever the notebook raises
            return Judged(False, problem=f"the ad-hoc notebook does not run apart from the tool: {_said(error)}")
        try:
            after = _run(production, root, root, Path(held))
        except Exception as error:
            return Judged(False, problem=f"the production notebook does not run apart from the tool: {_said(error)}")
    told, made_of = _pieces(before, copy.resolve(), adhoc.parent), _pieces(after, root.resolve(), adhoc.parent)
    there, shown = Counter(told), Counter(made_of)
    extra = sorted((shown - there).elements())
    last = told[-1] if told else ""
    return Judged(not extra, sum(shown.values()), [text[:300] for text in extra], not last or last in shown)


def _run(notebook: Any, folder: Path, root: Path, held: Path) -> Any:
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if re.search(r"\b(spark|sc|sqlContext)\.", text) and not re.search(r"^\s*(spark|sc)\s*=", text, re.MULTILINE):
        notebook.cells.insert(0, nbformat.v4.new_code_cell(_GIVEN))
    kept = dict(os.environ)
    os.environ.update(PYTHONPATH=str(root), LAKE_ROOT=str(held / "lake"), SPARK_LOCAL_IP="127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the workers take what Python comes first
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    try:
        client = nbclient.NotebookClient(
            notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    finally:
        os.environ.clear()
        os.environ.update(kept)
    return notebook


def _pieces(notebook: Any, root: Path, folder: Path) -> list[str]:
    """What a notebook shows, piece by piece; its paths as the ad-hoc notebook sees them, which lies in `folder`."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    texts = [text for cell in cells for output in cell.outputs for text in _texts(output)]
    return [_as_seen(text, root, folder) for text in texts]


def _as_seen(text: str, root: Path, folder: Path) -> str:
    text = text.replace(f"{root}/", "")
    for up, each in enumerate((folder, *folder.parents[:-1])):
        text = text.replace(f"{each}/", "../" * up)
    return re.sub(r"(?<![\w.])\./", "", text)


def _texts(output: Any) -> list[str]:
    """What an output says: a stream by its lines, because prints of one cell may be fewer after a promotion."""
    if output.output_type == "stream":
        lines = output.text.splitlines() if output.name == "stdout" else []
        return [text for line in lines if (text := _plain(line))]
    data = output.get("data", {})
    if any("commonlib.receipt" in mime for mime in data):
        return []  # what the lake says of a write
    if "image/png" in data:
        return ["picture " + hashlib.sha256(data["image/png"].encode()).hexdigest()]
    return [_plain(data["text/plain"])] if "text/plain" in data else []


def _plain(text: str) -> str:
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def _said(error: Exception) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()[-1][:200]
