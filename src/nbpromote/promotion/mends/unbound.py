"""Names that no cell binds and that mean one thing to everybody: `np`, `plt`, `spark`'s `F`."""

import ast
import importlib
from collections.abc import Iterator

from nbpromote.analysis.facts import Facts, Span
from nbpromote.notebook.magics import MagicKind
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.mends.mend import Mend
from nbpromote.promotion.rewriting import Rewrite

# A name with attributes -> its import.
_ALIASES = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "pd": "import pandas as pd",
    "pandas": "import pandas",
    "plt": "import matplotlib.pyplot as plt",
    "matplotlib": "import matplotlib",
    "mpl": "import matplotlib as mpl",
    "sns": "import seaborn as sns",
    "px": "import plotly.express as px",
    "sm": "import statsmodels.api as sm",
    "smf": "import statsmodels.formula.api as smf",
    "nx": "import networkx as nx",
    "sklearn": "import sklearn",
}
_STANDARD = frozenset(
    "math os sys re json random time itertools collections functools string copy pickle csv glob statistics "  # noqa: SIM905
    "operator calendar warnings io shutil".split()
)
_NAMES = {
    "reduce": "from functools import reduce",
    "OrderedDict": "from collections import OrderedDict",
    "defaultdict": "from collections import defaultdict",
    "Counter": "from collections import Counter",
    "namedtuple": "from collections import namedtuple",
    "Path": "from pathlib import Path",
    "timedelta": "from datetime import timedelta",
    "DataFrame": "from pandas import DataFrame",
}
_SPARK_SQL = frozenset({"SparkSession", "Row", "Window"})
_SPARK_TYPES = frozenset(
    "StructType StructField StringType IntegerType LongType DoubleType FloatType BooleanType DateType TimestampType "  # noqa: SIM905
    "ArrayType MapType DecimalType ShortType ByteType BinaryType".split()
)
_SPARK_FUNCTIONS = frozenset(
    "col lit udf when expr to_date to_timestamp explode countDistinct regexp_replace concat_ws monotonically_increasing_id "  # noqa: SIM905, E501
    "collect_list collect_set row_number date_format datediff".split()
)
_SPARK = (
    (_SPARK_SQL, "pyspark.sql"),
    (_SPARK_TYPES, "pyspark.sql.types"),
    (_SPARK_FUNCTIONS, "pyspark.sql.functions"),
    (frozenset({"SparkContext", "SparkConf"}), "pyspark"),
)
_OF_DATETIME = frozenset({"now", "today", "strptime", "utcnow", "fromtimestamp", "combine", "fromisoformat"})


def find(facts: Facts) -> Iterator[Mend]:
    """Imports that are missing."""
    said = {name for cell in facts.cells for name in cell.reads} & {"spark", "sc", "SparkSession", "SparkContext"}
    is_spark = bool(said) or any(one.module.startswith("pyspark") for cell in facts.cells for one in cell.imports)
    for state in facts.flow.hidden_in_document:
        if state.kind != "gone":
            continue
        users = [cell for cell in facts.notebook.code_cells if state.name in facts.of(cell.id).reads]
        if any(state.name in cell.binds for cell in facts.cells):
            continue
        line = _import_of(state.name, users, is_spark=is_spark)
        if line is not None:
            rewrites = [Rewrite(cell.id, _top(cell), f"{line}\n") for cell in users if parse_cell(cell.source)]
            yield Mend(state.name, line, "no cell binds it, and it means one thing", tuple(rewrites))
        elif state.name == "xrange":
            yield Mend("xrange", "is range", "it is not there any more since Python 3", tuple(_words(users, "xrange")))


def _import_of(name: str, users: list[Cell], *, is_spark: bool) -> str | None:
    attributes, is_only_attributes = _attributes(name, users)
    if name in _STANDARD:
        module = importlib.import_module(name)
        return f"import {name}" if is_only_attributes and all(hasattr(module, one) for one in attributes) else None
    if name == "datetime" and attributes and is_only_attributes:
        return "from datetime import datetime" if attributes <= _OF_DATETIME else (
            "import datetime" if attributes <= {"datetime", "date", "timedelta", "time", "timezone"} else None
        )  # fmt: skip
    if is_spark and name in {"F", "T"} and is_only_attributes:
        return f"from pyspark.sql import {'functions' if name == 'F' else 'types'} as {name}"
    if is_spark:
        for names, package in _SPARK:
            if name in names:
                return f"from {package} import {name}"
    if name in _ALIASES:
        return _ALIASES[name] if is_only_attributes else None
    return _NAMES.get(name)


def _attributes(name: str, users: list[Cell]) -> tuple[set[str], bool]:
    """What is asked of the name, and whether that is all that is done with it."""
    found: set[str] = set()
    uses = 0
    with_attribute = 0
    for cell in users:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name) and node.id == name:
                uses += 1
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                found.add(node.attr)
                with_attribute += 1
    return found, uses == with_attribute > 0


def _top(cell: Cell) -> Span:
    """Where the cell's first line of Python begins: below a cell magic."""
    code = parse_cell(cell.source)
    magics: list[int] = []
    if isinstance(code, CellCode):
        magics = [magic.place.line for magic in code.python.magics if magic.kind is MagicKind.CELL]
    line = max(magics, default=0) + 1
    return Span(line, 0, line, 0)


def _words(users: list[Cell], name: str) -> Iterator[Rewrite]:
    for cell in users:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name) and node.id == name:
                yield Rewrite(cell.id, code.span(node), "range") if code else Rewrite(cell.id, Span(1, 0, 1, 0), "")
