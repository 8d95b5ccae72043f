"""Operators, and texts and paths that are put together from known parts."""

import ast
import posixpath
from itertools import pairwise

from nbpromote.analysis.evaluation.parts import Parts
from nbpromote.analysis.evaluation.texts import added, formatted, hole, inserted
from nbpromote.analysis.evaluation.values import (
    IMMUTABLE,
    NO_OBJECTS,
    UNKNOWN,
    Value,
    constant,
    join_all,
)

_NUMBERS = frozenset({"int", "float", "bool", "complex"})

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitOr: "or", ast.BitXor: "xor",
    ast.BitAnd: "and", ast.FloorDiv: "floordiv",
}  # fmt: skip
_COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")


class Operations(Parts):
    """What operators make of their operands."""

    def _bin_op(self, node: ast.BinOp) -> Value:
        # Iteratively down the left side: sums of hundreds of texts are common in generated notebooks.
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append(left)
            left = left.left
        result = self.value(left)
        for step in reversed(chain):
            self.state.steps += 1
            result = self._operation(step.op, result, self.value(step.right))
        return result

    def _operation(self, operator: ast.operator, left: Value, right: Value) -> Value:  # noqa: PLR0911
        left, right = self.column(left), self.column(right)
        own = self._own_operation(operator, left, right)
        if own is not None:
            return own
        if isinstance(operator, ast.Add) and left.type == right.type == "str":
            return added(left, right)
        if isinstance(operator, ast.Mod) and left.type == "str":
            return inserted(left)
        if isinstance(operator, ast.Div) and "pathlib.Path" in {left.type, right.type}:
            is_known = isinstance(left.constant, str) and isinstance(right.constant, str)
            joined = posixpath.join(str(left.constant), str(right.constant)) if is_known else UNKNOWN
            return Value("pathlib.Path", NO_OBJECTS, joined)
        for one, other in ((left, right), (right, left)):
            if "." in one.type and (other.type in _NUMBERS or other.type in {one.type, "str", ""}):
                return self._made(one.type)
        if {left.type, right.type} <= _NUMBERS:
            return Value("int" if left.type == right.type == "int" and not isinstance(operator, ast.Div) else "float")
        if isinstance(operator, ast.Add) and "str" in {left.type, right.type}:
            return added(left, right)
        if left.type in {"list", "tuple", "set"}:
            return self.state.heap.new(left.type, [self.element_of(left), self.element_of(right)])
        if "pandas.DataFrame" in {left.type, right.type}:
            return self._made("pandas.DataFrame")
        if "pandas.Series" in {left.type, right.type}:
            return self._made("pandas.Series")
        return self._made("")

    def _own_operation(self, operator: ast.operator, left: Value, right: Value) -> Value | None:
        """The operator as a class of the notebook defines it."""
        name = _OPERATORS[type(operator)]
        found = self.special(left, (f"__{name}__", f"__i{name}__"), [right])
        other = self.special(right, (f"__r{name}__",), [left])
        return found.join(other) if found is not None and other is not None else found or other

    def _made(self, type_name: str) -> Value:
        return Value(type_name) if type_name in IMMUTABLE else self.state.heap.new(type_name)

    def _unary_op(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        own = self.special(value, ("__neg__", "__pos__", "__invert__", "__bool__"))
        if own is not None:
            return own
        if isinstance(node.op, ast.USub) and isinstance(value.constant, (int, float)):
            return constant(-value.constant)
        return Value("bool") if isinstance(node.op, ast.Not) else self._made(value.type)

    def _compare(self, node: ast.Compare) -> Value:
        values = [self.value(node.left), *(self.value(each) for each in node.comparators)]
        for left, right in pairwise(values):
            self.special(left, _COMPARISONS, [right])
            self.special(right, ("__contains__",), [left])
        for value in map(self.column, values):
            if value.type in {"pandas.DataFrame", "pandas.Series", "numpy.ndarray", "pyspark.Column"}:
                return self._made(value.type)
        return Value("bool") if all(value.type in IMMUTABLE for value in values) else self._made("")

    def _bool_op(self, node: ast.BoolOp) -> Value:
        return join_all([self.value(each) for each in node.values])

    def _if_exp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return self.value(node.body).join(self.value(node.orelse))

    def _joined_str(self, node: ast.JoinedStr) -> Value:
        result = constant("")
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.value(part.value)
                if part.format_spec is not None:
                    self.value(part.format_spec)
                is_known = value.is_constant and part.format_spec is None and part.conversion == -1
                result = added(result, constant(str(value.constant)) if is_known else hole(part.value))
            elif isinstance(part, ast.Constant):
                result = added(result, constant(str(part.value)))
        return result

    def _folded(self, node: ast.Call) -> Value | None:  # noqa: PLR0911, PLR0912
        """Paths and texts that are put together from known parts."""
        match node.func:
            case ast.Attribute(attr="join", value=ast.Attribute(attr="path")):
                parts = [self.value(argument).constant for argument in node.args]
                if parts and all(isinstance(part, str) for part in parts):
                    return constant(posixpath.join(*[str(part) for part in parts]))
            case ast.Name(id="str" | "fspath") | ast.Attribute(attr="fspath" | "abspath" | "expanduser"):
                if len(node.args) == 1 and isinstance(self.value(node.args[0]).constant, str):
                    return constant(self.value(node.args[0]).constant)
            case ast.Attribute(attr="joinpath", value=owner):
                parts = [self.value(part).constant for part in [owner, *node.args]]
                if all(isinstance(part, str) for part in parts):
                    return Value("pathlib.Path", NO_OBJECTS, posixpath.join(*[str(part) for part in parts]))
            case ast.Attribute(attr="strip" | "lower" | "upper" | "rstrip" | "lstrip" as name, value=owner):
                value = self.value(owner)
                if value.text is not None and not node.args:
                    return constant(getattr(value.text, name)())
                if value.outline and not node.args and "strip" in name:
                    return value
            case ast.Attribute(attr="format", value=owner):
                value = self.value(owner)
                if value.type == "str":
                    return formatted(
                        value,
                        [self.value(each) for each in node.args],
                        {each.arg: self.value(each.value) for each in node.keywords if each.arg is not None},
                    )
            case ast.Attribute(attr="text") | ast.Name() if len(node.args) == 1:
                # The texts of SQLAlchemy are what they are made of.
                is_text = self.value(node.func).path in {"sqlalchemy.text", "sqlalchemy.sql.text"}
                return self.value(node.args[0]) if is_text else None
            case ast.Attribute(attr="dedent") if len(node.args) == 1:
                return self.value(node.args[0]) if self.value(node.args[0]).type == "str" else None
        return None
