"""Statements: what following them does to variables and objects."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from nbpromote.analysis.evaluation.defining import Defining
from nbpromote.analysis.evaluation.values import IMMUTABLE, NOTHING_KNOWN, Value


class Statements(Defining):
    """Follows statements."""

    def statement(self, node: ast.stmt) -> bool:
        self.state.steps += 1
        if self.state.frame is None:
            self.state.here = node
            self.memory.clear()
        following = _FOLLOWING.get(type(node).__name__)
        return bool(following(self, node)) if following is not None else False

    def _expression(self, node: ast.Expr | ast.Assert) -> None:
        self.value(node.value if isinstance(node, ast.Expr) else node.test)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.unpack(target, value)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        value = self.value(node.value)
        if not value.type:
            type_name = self.annotation_type(node.annotation)
            value = Value(type_name, value.objects, value.constant, value.path, value.receiver)
        self.unpack(node.target, value)

    def _augment(self, node: ast.AugAssign) -> None:
        value = self.value(node.value)
        target = node.target
        reads = ast.copy_location(_as_load(target), target)
        before = self.value(reads)
        if before.type not in IMMUTABLE:
            # `a += b` changes lists and arrays in place and rebinds numbers: unless the type is known, both are meant.
            self.state.change(before, "an augmented assignment changes it")
            if before.type not in {"numpy.ndarray", "pandas.Series", "pandas.DataFrame"}:
                self.state.heap.hold(before, value)
        after = self._operation(node.op, before, value) if before.type in IMMUTABLE else before
        if before.is_constant and before.type != "str":
            after = Value(after.type)
        if isinstance(target, ast.Name):
            self.state.bind(target.id, after)
        elif before.type in IMMUTABLE:
            self.unpack(target, Value(after.type))

    def _return(self, node: ast.Return) -> bool:
        if node.value is not None:
            value, frame = self.value(node.value), self.state.frame
            if frame is not None:
                frame.returned.append(value)
        return True

    def _leave(self, node: ast.Raise | ast.Break | ast.Continue) -> bool:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return True

    def _deletion(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._delete(target)

    def _delete(self, target: ast.expr) -> None:
        match target:
            case ast.Name():
                self.state.unbind(target.id)
            case ast.Tuple() | ast.List():
                for each in target.elts:
                    self._delete(each)
            case ast.Attribute() | ast.Subscript():
                owner = self.value(target.value)
                self.special(owner, ("__delitem__", "__delattr__"), [NOTHING_KNOWN])
                self.state.change(owner, "a part of it is deleted")


def _as_load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name():
            return ast.Name(target.id, ast.Load())
        case ast.Attribute():
            return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
        case ast.Subscript():
            return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target


# By name: what one version of Python has, another may not (`TryStar`, `TypeAlias`).
_FOLLOWING: Mapping[str, Callable[[Statements, Any], bool | None]] = {
    "Expr": Statements._expression,
    "Assert": Statements._expression,
    "Assign": Statements._assign,
    "AnnAssign": Statements._annotated_assign,
    "AugAssign": Statements._augment,
    "Delete": Statements._deletion,
    "FunctionDef": Statements._define,
    "AsyncFunctionDef": Statements._define,
    "ClassDef": Statements._define_class,
    "Import": Statements._import,
    "ImportFrom": Statements._import,
    "If": Statements._if,
    "For": Statements._loop,
    "AsyncFor": Statements._loop,
    "While": Statements._while,
    "With": Statements._with,
    "AsyncWith": Statements._with,
    "Try": Statements._attempt,
    "TryStar": Statements._attempt,
    "Match": Statements._match,
    "Return": Statements._return,
    "Raise": Statements._leave,
    "Break": Statements._leave,
    "Continue": Statements._leave,
}
