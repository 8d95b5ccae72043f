"""NB160: everything of a module is imported.

Nobody can tell where a name comes from, and some replace Python's own: `from pyspark.sql.functions import *` takes away
`sum`, `max`, `min`, `round` and `abs`. Where the module's names are known, the fix imports those that are used.

Example:
    from pyspark.sql.functions import *

Import the module under a short name: `from pyspark.sql import functions as F`.
"""

import ast
import builtins
import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.facts import Import
from nbpromote.analysis.findings import Finding, Fix, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.imports import can_be_seen, without

# What looks names up by their text, so that no name can be known to be unused.
_LOOKING_UP = frozenset({"eval", "exec", "globals", "locals", "vars", "getattr", "compile"})
_WIDTH = 110


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The star imports."""
    for cell in evidence.facts.cells:
        for each in cell.imports:
            if each.attribute == "*":
                yield evidence.finding(
                    rule, cell.cell_id, each.span, f"everything of {each.module or '.'} is imported",
                    "import the names that are used, or the module under a short name",
                    fix=_fix(evidence, evidence.codes[cell.cell_id], each),
                )  # fmt: skip


@cache
def _exports() -> dict[str, frozenset[str]]:
    document = tomllib.loads(Path(__file__).with_name("star_exports.toml").read_text(encoding="utf-8"))
    return {module: frozenset(names.split()) for module, names in document.items()}


def _fix(evidence: Evidence, code: CellCode, star: Import) -> Fix | None:
    """The import of the names that are used, when it is certain which those are."""
    names = _exports().get(star.module)
    statement = next((one for one in code.tree.body if _is_at(code, one, star)), None)
    if names is None or star.level or statement is None or not can_be_seen(evidence):
        return None
    used = {
        node.id
        for each in evidence.codes.values()
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    }
    used |= {name for each in evidence.codes.values() for magic in each.python.magics for name in magic.reads}
    if used & _LOOKING_UP or not _all_known(evidence):
        return None
    wanted = sorted(used & names)
    if not wanted:
        return without(code, statement)
    text = f"from {star.module} import {', '.join(wanted)}"
    if len(text) > _WIDTH:
        rows = textwrap.wrap(f"{', '.join(wanted)},", _WIDTH - 4)
        text = "\n".join([f"from {star.module} import (", *(f"    {row}" for row in rows), ")"])
    return evidence.fix(code, star.span, f"from {star.module} import *", text)


def _is_at(code: CellCode, statement: ast.stmt, star: Import) -> bool:
    return isinstance(statement, ast.ImportFrom) and code.span(statement) == star.span


def _all_known(evidence: Evidence) -> bool:
    """Whether every name comes from somewhere that is known, so that no star import gives more than is told of it."""
    stars = {each.module for cell in evidence.facts.cells for each in cell.imports if each.attribute == "*"}
    known = {name for module in stars for name in _exports().get(module, ())} | set(dir(builtins))
    known |= {name for cell in evidence.facts.cells for name in cell.binds} | {"get_ipython", "display", "spark"}
    known |= {"dbutils", "sc", "sqlContext", "displayHTML", "sql", "table", "__name__", "__file__", "_"}
    read = {name for cell in evidence.facts.cells for name in cell.reads}
    read |= {name for cell in evidence.facts.cells for each in cell.definitions for name in each.free}
    return read <= known


RULE = Rule("NB160", "star-import", Severity.WARNING, find)
