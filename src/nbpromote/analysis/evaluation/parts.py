"""Parts of values: attributes, columns and items; and the targets that set them."""

import ast
from typing import Any

from nbpromote.analysis.evaluation.accesses import note_variable
from nbpromote.analysis.evaluation.calls import Calls
from nbpromote.analysis.evaluation.values import (
    BOUND,
    IMMUTABLE,
    MODULE,
    NO_OBJECTS,
    SUPER,
    UNKNOWN,
    Value,
    item_key,
)

_SPARK = {
    "read": "pyspark.DataFrameReader",
    "readStream": "pyspark.DataFrameReader",
    "write": "pyspark.DataFrameWriter",
    "writeStream": "pyspark.DataFrameWriter",
}


class Parts(Calls):
    """What `owner.name` and `owner[key]` are, and what assigning to them does."""

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if owner.type == "pathlib.Path":
            self.state.paths[id(node.value)] = owner.constant
        return self.attribute(owner, node.attr)

    def _reader_or_writer(self, value: Value, name: str) -> Value:
        """`x.write` in `x.write.parquet`, whatever is known of `x`: no other library has it; else the value itself."""
        receiver = value.receiver
        if value.type != BOUND or value.path not in _SPARK or receiver is None or receiver.type or receiver.path:
            return value
        type_name = _SPARK[value.path]
        spec = self.state.library.type(type_name)
        return Value(type_name, value.objects) if spec is not None and name in spec.methods else value

    def attribute(self, owner: Value, name: str) -> Value:
        """What `owner.name` is."""
        library, heap = self.state.library, self.state.heap
        owner = self._reader_or_writer(self.column(owner), name)
        item = self.property_of(owner, name) or heap.item(owner, name)
        if item is not None:
            return item
        if owner.type == SUPER:
            return Value(BOUND, owner.objects, UNKNOWN, name, Value("", owner.objects))
        if owner.path and owner.type in {"", MODULE}:
            path = library.canonical(f"{owner.path}.{name}")
            type_name = library.attribute(library.canonical(owner.path), name)
            if type_name:
                return Value(type_name, heap.new(type_name).objects if type_name not in IMMUTABLE else NO_OBJECTS)
            return Value("", NO_OBJECTS, UNKNOWN, path)
        type_name = library.attribute(owner.type, name) if owner.type else None
        if type_name == "same":
            type_name = owner.type
        if type_name is not None:
            return Value(type_name, NO_OBJECTS if type_name in IMMUTABLE else owner.objects, UNKNOWN, "", owner)
        return Value(BOUND, owner.objects | heap.parts(owner), UNKNOWN, name, owner)

    def column(self, value: Value) -> Value:
        """`df.amount`, as the column that it is; every other value as it stands."""
        receiver = value.receiver
        if value.type != BOUND or receiver is None or not receiver.type:
            return value
        spec = self.state.library.type(receiver.type)
        if spec is None or not spec.items.get("text") or value.path in spec.methods:
            return value
        type_name = spec.items["text"]
        return Value(type_name, NO_OBJECTS if type_name in IMMUTABLE else value.objects)

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.column(self.value(node.value))
        key = self.value(node.slice)
        item = self.special(owner, ("__getitem__",), [key])
        if item is None and key.is_constant:
            item = self.state.heap.item(owner, item_key(key.constant))
        if item is not None:
            return item
        if owner.type == "collections.defaultdict":
            self.state.change(owner, "looking up a key that is missing adds it", is_part_known=True)
        spec = self.state.library.type(owner.type) if owner.type else None
        if spec is not None and spec.items:
            return self._library_item(node, owner, spec.items)
        if owner.type == "str":
            return Value("str")
        if isinstance(node.slice, ast.Slice) and owner.type in {"list", "tuple"}:
            return Value(owner.type, self.state.heap.new(owner.type, [self.element_of(owner)]).objects)
        if owner.path and not owner.objects:
            return self._of_library_part(node, owner, key)
        element = self.element_of(owner)
        return element

    def _of_library_part(self, node: ast.Subscript, owner: Value, key: Value) -> Value:
        self._note_state(owner.path)
        if owner.path != "os.environ":
            return owner
        note_variable(self.state, node, key)
        return Value("str")

    def _library_item(self, node: ast.Subscript, owner: Value, items: Any) -> Value:
        key, inner = node.slice, "other"
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            inner = "text"
        elif isinstance(key, (ast.List, ast.ListComp, ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp)):
            inner = "choice"
        elif isinstance(key, ast.Slice):
            inner = "slice"
        elif isinstance(key, ast.Name):
            known = self.value(key)
            inner = "choice" if known.type in {"list", "pandas.Series", "pandas.Index"} else "other"
            inner = "text" if known.type == "str" else inner
        type_name = items.get(inner, items.get("other", ""))
        if type_name == "same":
            type_name = owner.type
        is_new = inner == "choice"
        if type_name in IMMUTABLE:
            return Value(type_name)
        if is_new:
            return Value(type_name, self.state.heap.new(type_name).objects)
        return Value(type_name, owner.objects | self.state.heap.parts(owner))

    def unpack(self, target: ast.expr, value: Value) -> None:
        """Assign a value to a target: a name, a part of an object, or several of them."""
        state = self.state
        match target:
            case ast.Name():
                state.bind(target.id, value)
            case ast.Tuple() | ast.List():
                for index, each in enumerate(target.elts):
                    item = None if isinstance(each, ast.Starred) else state.heap.item(value, item_key(index))
                    self.unpack(each, self.element_of(value) if item is None else item)
            case ast.Starred():
                self.unpack(target.value, state.heap.new("list", [value]))
            case ast.Attribute():
                owner = self.value(target.value)
                self.property_of(owner, target.attr, [value])
                state.change(owner, f"its attribute `{target.attr}` is set", is_part_known=True)
                state.heap.hold(owner, value)
                state.heap.set_item(owner, target.attr, value)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals"), args=[])):
                self._set_global(self.value(target.slice), value)
            case ast.Subscript():
                self._set_item(self.value(target.value), self.value(target.slice), value)

    def _set_global(self, key: Value, value: Value) -> None:
        """`globals()[key] = value`."""
        state = self.state
        if key.text is None:
            state.record.binds_unknown = True
            return
        with state.inside(None):
            state.bind(key.text, value)
        state.record.binds.add(key.text)

    def _set_item(self, owner: Value, key: Value, value: Value) -> None:
        state = self.state
        self.special(owner, ("__setitem__",), [key, value])
        state.change(owner, "an item of it is set", is_part_known=key.is_constant)
        if owner.type in {"pandas.DataFrame", "pandas.Series", "numpy.ndarray"}:
            # They copy what they are given.
            return
        state.heap.hold(owner, value)
        if key.is_constant:
            state.heap.set_item(owner, item_key(key.constant), value)
        for number in owner.objects:
            known = state.heap.elements.get(number)
            state.heap.elements[number] = value if known is None else known.join(value)
