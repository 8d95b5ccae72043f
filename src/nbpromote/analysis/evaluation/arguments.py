"""What a call is given, and how a person would write what is called."""

import ast
from dataclasses import dataclass, field

from nbpromote.analysis.evaluation.values import Value


@dataclass(slots=True)
class Arguments:
    """What a call is given."""

    positional: list[Value] = field(default_factory=list)
    named: dict[str, Value] = field(default_factory=dict)
    rest: list[Value] = field(default_factory=list)

    @property
    def all(self) -> list[Value]:
        return [*self.positional, *self.named.values(), *self.rest]

    def get(self, position: int | None, name: str | None) -> Value | None:
        """The argument at this position, or of this name."""
        if name is not None and name in self.named:
            return self.named[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None


def text_of(node: ast.AST) -> str:
    """The callee in short: `df.groupby().agg`."""
    parts: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        else:
            parts.append("()" if isinstance(node, ast.Call) else "[]")
            node = node.func if isinstance(node, ast.Call) else node.value
    parts.append(node.id if isinstance(node, ast.Name) else "...")
    return ".".join(reversed(parts)).replace(".()", "()").replace(".[]", "[]")
