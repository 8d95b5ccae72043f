"""NB163: an import that nothing uses.

Whoever reads or installs the notebook takes the library for needed. The fix takes it out when importing the module is
known to do nothing else; an import that ends with `# noqa` is meant to be there.

Example:
    import seaborn as sns      # no cell says sns

Delete it; promotion does.
"""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.rules.imports import can_be_seen, is_quiet, without, without_name

# Imported for what importing them does.
_ACTING = re.compile(
    r"__future__|mpl_toolkits.*|sklearn\.experimental|findspark|.*\.accessors?|.*magic|google\.colab.*"
)


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The imports at the top level of cells, whose names no cell says."""
    if any(cell.binds_unknown or cell.opaque or cell.problem for cell in evidence.facts.cells):
        # Code that cannot be seen may use anything.
        return
    used = _used(evidence)
    can_be_fixed = can_be_seen(evidence)
    for cell_id, code in evidence.codes.items():
        for statement in code.tree.body:
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                continue
            module = getattr(statement, "module", None) or ""
            names = {(alias.asname or alias.name).partition(".")[0]: alias for alias in statement.names}
            span = code.span(statement)
            if any(re.search(r"#\s*noqa\b", row) for row in code.rows[span.line - 1 : span.end_line]):
                continue
            unused = [
                (name, alias)
                for name, alias in names.items()
                if name not in used | {"*"} and not _ACTING.fullmatch(module or alias.name) and "." not in alias.name
            ]
            for name, alias in unused:
                fix = None
                if can_be_fixed and not getattr(statement, "level", 0) and is_quiet(module or alias.name):
                    is_whole = len(unused) == len(statement.names)
                    fix = without(code, statement) if is_whole else without_name(code, statement, alias)
                yield evidence.finding(
                    rule, cell_id, code.span(alias), f"{name} is imported and not used", "delete the import", fix=fix,
                )  # fmt: skip


def _used(evidence: Evidence) -> set[str]:
    """Every name that some cell says, in code, in magics, or as a text that may be code."""
    found: set[str] = set()
    for code in evidence.codes.values():
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 10_000:
                found |= set(re.findall(r"[^\W\d]\w*", node.value))
        for magic in code.python.magics:
            found |= magic.reads | set(re.findall(r"[^\W\d]\w*", magic.arguments))
    return found


RULE = Rule("NB163", "unused-import", Severity.NOTE, find)
