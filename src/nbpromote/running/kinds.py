"""The types that a parameter can have."""

import ast
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    INT = "int"
    FLOAT = "float"
    STR = "str"
    BOOL = "bool"
    DATE = "date"
    DATETIME = "datetime"
    DECIMAL = "decimal"
    LIST = "list"
    ANY = "any"


EXAMPLES = {
    Kind.INT: "a whole number such as 3",
    Kind.FLOAT: "a number such as 0.5",
    Kind.BOOL: "true or false",
    Kind.DATE: "a date such as 1998-07-01",
    Kind.DATETIME: "a time such as 1998-07-01T06:00:00",
    Kind.DECIMAL: "a decimal number such as 12.50",
    Kind.STR: "text",
    Kind.LIST: "a list such as [a, b]",
    Kind.ANY: "any value",
}
_ALIASES = {
    "integer": Kind.INT,
    "number": Kind.FLOAT,
    "text": Kind.STR,
    "path": Kind.STR,
    "dataset": Kind.STR,
    "boolean": Kind.BOOL,
    "timestamp": Kind.DATETIME,
    "listing": Kind.LIST,
    "tuple": Kind.LIST,
    "object": Kind.ANY,
} | {kind.value: kind for kind in Kind}


class Expression(str):
    """Code of the notebook's language, where a value is to be."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Type:
    """A parameter's type: its kind, of what a list is, which values are allowed, and whether None is one.

    `name` is what the notebook calls it, such as `path`.
    """

    kind: Kind
    name: str = ""
    of: "Type | None" = None
    choices: tuple[object, ...] = ()
    is_optional: bool = False

    def __str__(self) -> str:
        if self.choices:
            text = " or ".join(str(choice) for choice in self.choices)
        elif self.kind is Kind.LIST and self.of is not None:
            text = f"list of {self.of}"
        else:
            text = self.name or self.kind.value
        return f"{text} or None" if self.is_optional else text

    @property
    def expected(self) -> str:
        """What to write instead of a value that does not fit."""
        return f"one of {', '.join(str(choice) for choice in self.choices)}" if self.choices else EXAMPLES[self.kind]


def type_of_annotation(node: ast.expr) -> Type | None:  # noqa: PLR0911
    """The type that an annotation names, quoted or not; None when it names none that is known."""
    match node:
        case ast.Constant(value=None):
            return Type(Kind.ANY, is_optional=True)
        case ast.Constant(value=str(text)):
            try:
                return type_of_annotation(ast.parse(text.strip(), mode="eval").body)
            except SyntaxError:
                return None
        case ast.Name(id=name) | ast.Attribute(attr=name):
            kind = _ALIASES.get(name.lower())
            return Type(kind, name.lower()) if kind else None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _optional([type_of_annotation(left), type_of_annotation(right)])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _subscripted(name.lower(), inner)
    return None


def _subscripted(name: str, inner: ast.expr) -> Type | None:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "optional":
        return _optional([type_of_annotation(inner), Type(Kind.ANY, is_optional=True)])
    if name in {"literal", "choice", "choices"}:
        choices = [part.value for part in parts if isinstance(part, ast.Constant)]
        kept = tuple(choice for choice in choices if choice is not None)
        return Type(_kind_of(kept[0]), choices=kept, is_optional=None in choices) if kept else None
    if _ALIASES.get(name) is Kind.LIST:
        return Type(Kind.LIST, of=type_of_annotation(parts[0]))
    return None


def _optional(parts: list[Type | None]) -> Type | None:
    real = [part for part in parts if part and not (part.kind is Kind.ANY and part.is_optional)]
    if len(real) != 1 or None in parts:
        return None
    return Type(real[0].kind, real[0].name, real[0].of, real[0].choices, is_optional=True)


def type_of_default(value: object) -> Type:
    """The type of a parameter that is declared without one."""
    if value is None:
        return Type(Kind.ANY, is_optional=True)
    if isinstance(value, list | tuple | set):
        kinds = {_kind_of(item) for item in value}
        return Type(Kind.LIST, of=Type(kinds.pop()) if len(kinds) == 1 else None)
    return Type(_kind_of(value))


def _kind_of(value: object) -> Kind:
    for python, kind in ((bool, Kind.BOOL), (int, Kind.INT), (float, Kind.FLOAT), (str, Kind.STR)):
        if isinstance(value, python):
            return kind
    return Kind.ANY
