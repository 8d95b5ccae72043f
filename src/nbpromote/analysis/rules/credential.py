"""NB120: a credential in the code or in the saved outputs.

Whoever can read the notebook, its history or a page made of it has the secret. It blocks when the value has the form
of a known kind of secret; a mere name such as `password` is a warning.

Example:
    aws_key = "AKIA...20 characters"

Revoke it, and read it from the environment or a secret scope: `os.environ["AWS_ACCESS_KEY_ID"]`.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.literals.kinds import is_credential
from nbpromote.analysis.rules.evidence import Evidence, Rule

_HINT = "revoke it, and read it from the environment or a secret scope"


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The secrets; the message never says them."""
    for cell_id, code in evidence.codes.items():
        for name, node in _named_texts(code):
            value = str(node.value)
            if is_credential("", value):
                message, severity = "a credential is written in the code", Severity.BLOCKS
            elif is_credential(name, value):
                message, severity = f"{name} looks like a credential written in the code", Severity.WARNING
            else:
                continue
            yield _veiled(evidence.finding(rule, cell_id, code.span(node), message, _HINT, severity))
        for output in evidence.cells[cell_id].outputs:
            if any(is_credential("", text) for text in (output.text, *output.data.values()) if len(text) < 100_000):
                yield evidence.finding(
                    rule,
                    cell_id,
                    None,
                    "a credential stands in the saved output",
                    f"clear the output; {_HINT}",
                    Severity.WARNING,
                )


def _named_texts(code: CellCode) -> Iterator[tuple[str, ast.Constant]]:
    """Every text of the cell, with the variable, keyword, key or setting that it is given to."""
    names: dict[int, str] = {}
    texts: list[ast.Constant] = []
    for node in ast.walk(code.tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name), *_]):
                names[id(node.value)] = name
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name))), *_]):
                names[id(node.value)] = name
            case ast.keyword(arg=str(name)):
                names[id(node.value)] = name
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        names[id(value)] = key.value
            case ast.Call(args=[ast.Constant(value=str(name)), ast.Constant() as value]):
                names[id(value)] = name.rpartition(".")[2]
            case ast.Constant(value=str()):
                texts.append(node)
    yield from ((names.get(id(node), ""), node) for node in texts)


def _veiled(finding: Finding) -> Finding:
    """The finding without the line that holds the secret."""
    return Finding(
        finding.code,
        finding.path,
        finding.cell,
        finding.cell_id,
        finding.span,
        finding.message,
        finding.hint,
        finding.severity,
    )


RULE = Rule("NB120", "credential", Severity.WARNING, find)
