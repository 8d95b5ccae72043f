"""NB120: a credential in the code or in the saved outputs.

Whoever can read the notebook, its history or a page made of it has the secret. It blocks when the value has the form
of a known kind of secret, as detect-secrets or the tool itself knows it; a mere name such as `password` is a warning.
The secret itself is never shown.

Example:
    aws_key = "AKIA...20 characters"

Revoke it, and read it from the environment or a secret scope: `os.environ["AWS_ACCESS_KEY_ID"]`.
"""

import ast
from collections.abc import Iterator

from nbpromote.analysis.code import CellCode, span_of_place
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.literals.kinds import is_credential
from nbpromote.analysis.rules.evidence import Evidence, Rule
from nbpromote.analysis.secrets import find_secrets
from nbpromote.notebook.model import Cell

_PICTURES = ("image/", "video/", "audio/", "application/pdf")
_MOST_READ = 200_000
_HINT = "revoke it, and read it from the environment or a secret scope"


def find(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    """The secrets; the message never says them."""
    for cell_id, code in evidence.codes.items():
        for name, node in _named_texts(code):
            value = str(node.value)
            kinds = [kind for kind, _ in find_secrets(value)]
            if is_credential("", value) or kinds:
                what = f" ({kinds[0]})" if kinds else ""
                message, severity = f"a credential is written in the code{what}", Severity.BLOCKS
            elif is_credential(name, value):
                message, severity = f"{name} looks like a credential written in the code", Severity.WARNING
            else:
                continue
            yield _veiled(evidence.finding(rule, cell_id, code.span(node), message, _HINT, severity))
        for foreign in code.python.foreign:
            for kind, _ in find_secrets(foreign.source):
                span = span_of_place(foreign.place)
                message = f"a credential is written in the code ({kind})"
                yield _veiled(evidence.finding(rule, cell_id, span, message, _HINT, Severity.BLOCKS))
        for kind in dict.fromkeys(_shown(evidence.cells[cell_id])):
            message = f"a credential stands in the saved output{kind}"
            yield evidence.finding(rule, cell_id, None, message, f"clear the output; {_HINT}", Severity.WARNING)


def _shown(cell: Cell) -> Iterator[str]:
    """The kinds of the secrets in a cell's outputs."""
    for output in cell.outputs:
        texts = [text for mime, text in output.data.items() if not mime.startswith(_PICTURES)]
        for text in (output.text, *texts):
            found = find_secrets(text[:_MOST_READ])
            yield from (f" ({kind})" for kind, _ in found)
            if not found and len(text) < _MOST_READ and is_credential("", text):
                yield ""


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
