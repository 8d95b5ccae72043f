"""Defaults of a Python notebook that are made by a call, as `date(1998, 6, 30)`, and values written in their place."""

import ast
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from nbpromote.running.fitting import Injected
from nbpromote.running.kinds import Expression, Kind, Type

_KINDS = {"date": Kind.DATE, "datetime": Kind.DATETIME, "Timestamp": Kind.DATETIME, "Decimal": Kind.DECIMAL}
_MAKERS = {"today", "now", "utcnow", "fromisoformat", "fromtimestamp", "strptime", "combine"}


def made_by(node: ast.expr | None) -> tuple[Kind, str] | None:
    """What a call makes and the class that does, as the notebook names it: `(Kind.DATE, "dt.date")`."""
    match node:
        case ast.BinOp(left=left):  # date.today() - timedelta(days=1)
            return made_by(left)
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner)):  # datetime.now().replace(hour=0)
            return made_by(inner)
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _MAKERS:
            return named(owner)
        case ast.Call(func=func):
            return named(func)
    return None


def named(node: ast.expr) -> tuple[Kind, str] | None:
    """The class of dates, times or decimals that an expression names."""
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name) if name in _KINDS:
            return _KINDS[name], ast.unparse(node)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return named(left) or named(right)
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional"), slice=inner):
            return named(inner)
    return None


def type_made(node: ast.expr | None) -> Type:
    """The type of a default that is no literal."""
    if (made := made_by(node)) is not None:
        return Type(made[0])
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        kinds = {type_made(item) for item in node.elts}
        return Type(Kind.LIST, of=kinds.pop() if len(kinds) == 1 else None)
    return Type(Kind.ANY)


def value_of(node: ast.expr) -> object:
    """The value of a default as a record keeps it: of `Decimal("12.50")` the text `12.50`.

    Raises:
        ValueError: only running the notebook would tell.
    """
    match node, made_by(node):
        case ast.Call(func=ast.Name() | ast.Attribute() as func, args=args, keywords=[]), (kind, owner) if ast.unparse(
            func
        ) in {owner, f"{owner}.fromisoformat"}:
            given = [ast.literal_eval(one) for one in args]
            try:
                if kind is Kind.DECIMAL:
                    return str(Decimal(*given))
                if len(given) == 1:
                    given = [*datetime.fromisoformat(given[0]).timetuple()[:6]]
                made = date(*given[:3]) if kind is Kind.DATE else datetime(*given)
                return made.isoformat()
            except (TypeError, InvalidOperation) as error:
                raise ValueError(str(error)) from error
        case ((ast.List(elts=items) | ast.Tuple(elts=items)), _) if items:
            return [value_of(item) for item in items]
    return ast.literal_eval(node)


def written(cell: str, values: Mapping[str, Injected]) -> dict[str, Injected]:
    """These values, each of the class that the cell of parameters gives its name where that is no plain literal."""
    found = dict(values)
    for statement in ast.parse(cell).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=default):
                stated = named(annotation) if default is None or _is_none(default) else None
            case ast.Assign(targets=[ast.Name(id=name)], value=default):
                stated = None
            case _:
                continue
        if name in values:
            found[name] = _like(values[name], default, stated)
    return found


def _like(value: Injected, default: ast.expr | None, stated: tuple[Kind, str] | None) -> Injected:
    match value, default:
        case list(), ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            first = made_by(items[0]) if items else None
            parts = ", ".join(_code(one, first) for one in value)
            if isinstance(default, ast.Tuple):
                return Expression(f"({parts}{',' if len(value) == 1 else ''})")
            if isinstance(default, ast.Set):
                return Expression(f"{{{parts}}}" if value else "set()")
            return value if first is None else Expression(f"[{parts}]")
        case str(), _ if (like := made_by(default) or stated) is not None:
            return Expression(_code(value, like))
    return value


def _code(value: object, like: tuple[Kind, str] | None) -> str:
    if like is None or not isinstance(value, str):
        return repr(value)
    kind, owner = like
    is_plain = kind is Kind.DECIMAL or owner.endswith("Timestamp")
    return f'{owner}("{value}")' if is_plain else f'{owner}.fromisoformat("{value}")'


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
