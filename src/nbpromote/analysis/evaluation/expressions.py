"""Expressions: what their values are, and what evaluating them does."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from nbpromote.analysis.evaluation.containers import Containers
from nbpromote.analysis.evaluation.values import (
    NO_OBJECTS,
    NOTHING_KNOWN,
    SUPER,
    UNKNOWN,
    Value,
    constant,
)
from nbpromote.analysis.scopes import (
    bindings_of,
)

_AMBIENT = {
    "spark": "pyspark.SparkSession",
    "sc": "pyspark.SparkContext",
    "sqlContext": "pyspark.SparkSession",
    "dbutils": "databricks.dbutils",
}


class Expressions(Containers):
    """The values of expressions."""

    def value(self, node: ast.expr) -> Value:
        self.state.steps += 1
        method = _VALUES.get(type(node))
        if method is not None:
            return method(self, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return NOTHING_KNOWN

    def _constant(self, node: ast.Constant) -> Value:
        return constant(node.value)

    def _name(self, node: ast.Name) -> Value:
        found = self.state.lookup(node.id)
        if found is not None:
            return found
        for module in reversed(self.state.stars):
            if self.state.library.is_listed(f"{module}.{node.id}"):
                return self._of_library(f"{module}.{node.id}")
        if self.state.library.is_listed(node.id):
            return Value("", NO_OBJECTS, UNKNOWN, node.id)
        if node.id in _AMBIENT:
            return Value(_AMBIENT[node.id])
        if node.id in self.state.library.pure:
            return Value("", NO_OBJECTS, UNKNOWN, node.id)
        return self.state.meet(node.id)

    def _of_library(self, path: str) -> Value:
        return Value("", NO_OBJECTS, UNKNOWN, self.state.library.canonical(path))

    def _call(self, node: ast.Call) -> Value:
        match node.func:
            case ast.Name(id="super") if self.state.frame is not None:
                return self._super()
            case ast.Name(id="exec" | "eval"):
                return self._run_text(node)
            case ast.Name(id="globals" | "locals" | "vars") if not node.args:
                return Value("dict", self.state.heap.new("dict").objects)
            case ast.Name(id="isinstance" | "issubclass" | "callable" | "type" | "id"):
                for argument in node.args:
                    self.value(argument)
                return Value("type" if node.func.id == "type" else "bool")
        folded = self._folded(node)
        result = self.call(node)
        return folded if folded is not None else result

    def _run_text(self, node: ast.Call) -> Value:
        """`exec` and `eval`: a text that is known is followed like the code that it is."""
        values = [self.value(argument) for argument in node.args]
        text = values[0].text if values else None
        try:
            tree = ast.parse(text if text is not None else "", "text", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            text, tree = None, ast.Module([], [])
        if text is None or len(values) > 1:
            self.state.record.binds_unknown |= isinstance(node.func, ast.Name) and node.func.id == "exec"
            return NOTHING_KNOWN
        if self.state.frame is None:
            self.state.record.binds |= bindings_of(tree.body).names
            self.state.record.reads |= {
                each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
            } - self.state.fresh
        state = self.state
        codes = state.code, state.inner_code
        state.code = state.inner_code = None
        self.block(tree.body)
        state.code, state.inner_code = codes
        return NOTHING_KNOWN

    def _super(self) -> Value:
        frame = self.state.frame
        while frame is not None and frame.parent is not None and not frame.variables:
            frame = frame.parent
        first = next(iter(frame.variables.values()), NOTHING_KNOWN) if frame is not None else NOTHING_KNOWN
        return Value(SUPER, first.objects)

    def _lambda(self, node: ast.Lambda) -> Value:
        return self.function(node)

    def _named_expr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.state.bind(node.target.id, value)
        return value

    def _await(self, node: ast.Await) -> Value:
        return self.value(node.value)

    def _yield(self, node: ast.Yield) -> Value:
        if node.value is not None and self.state.frame is not None:
            self.state.frame.returned.append(self.value(node.value))
        return NOTHING_KNOWN

    def _yield_from(self, node: ast.YieldFrom) -> Value:
        value = self.element_of(self.value(node.value))
        if self.state.frame is not None:
            self.state.frame.returned.append(value)
        return NOTHING_KNOWN


_VALUES: Mapping[type[ast.AST], Callable[[Expressions, Any], Value]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.Call: Expressions._call,
    ast.JoinedStr: Expressions._joined_str,
    ast.BinOp: Expressions._bin_op,
    ast.UnaryOp: Expressions._unary_op,
    ast.Compare: Expressions._compare,
    ast.BoolOp: Expressions._bool_op,
    ast.IfExp: Expressions._if_exp,
    ast.NamedExpr: Expressions._named_expr,
    ast.Starred: Expressions._starred,
    ast.Tuple: Expressions._tuple,
    ast.List: Expressions._list,
    ast.Set: Expressions._set,
    ast.Dict: Expressions._dict,
    ast.Lambda: Expressions._lambda,
    ast.Await: Expressions._await,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield_from,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
}
