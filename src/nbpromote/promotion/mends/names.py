"""Functions and attributes that libraries have renamed, where the other does the same."""

import ast
import re
from collections.abc import Iterator

from nbpromote.analysis.facts import Facts, Span
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.mend import Mend, codes_of
from nbpromote.promotion.rewriting import Rewrite

# By the module's own name -> what stands instead, {} for the module as the notebook calls it; since when.
_NUMPY = {
    **dict.fromkeys(("float", "int", "object", "str", "complex"), ("", "NumPy 1.24")),
    **{
        old: (f"{{}}.{new}", "NumPy 2")
        for old, new in {
            "NaN": "nan", "NAN": "nan", "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf",
            "float_": "float64", "complex_": "complex128", "unicode_": "str_", "string_": "bytes_", "product": "prod",
            "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all", "round_": "round",
            "trapz": "trapezoid", "in1d": "isin",
        }.items()
    },
}  # fmt: skip
_RENAMED = {
    **{f"numpy.{old}": (new or old, since) for old, (new, since) in _NUMPY.items()},
    "pandas.scatter_matrix": ("{}.plotting.scatter_matrix", "pandas 0.25"),
    "pandas.tools.plotting.scatter_matrix": ("{}.plotting.scatter_matrix", "pandas 0.25"),
    "pandas.tools.plotting.parallel_coordinates": ("{}.plotting.parallel_coordinates", "pandas 0.25"),
    "pandas.tools.plotting.andrews_curves": ("{}.plotting.andrews_curves", "pandas 0.25"),
    "pandas.io.json.json_normalize": ("{}.json_normalize", "pandas 2"),
    "scipy.integrate.simps": ("{}.integrate.simpson", "SciPy 1.14"),
    "scipy.misc.comb": ("{}.special.comb", "SciPy 1.3"),
    "scipy.misc.factorial": ("{}.special.factorial", "SciPy 1.3"),
    "scipy.integrate.cumtrapz": ("{}.integrate.cumulative_trapezoid", "SciPy 1.14"),
    "scipy.integrate.trapz": ("{}.integrate.trapezoid", "SciPy 1.14"),
    "matplotlib.pyplot.cm.get_cmap": ("{}.get_cmap", "matplotlib 3.9"),
}
# numpy.in1d and numpy.trapz are still there in some versions; what stands instead is in all that are in use.
_METHODS = {
    "iteritems": ("items", "pandas 2"), "as_matrix": ("to_numpy", "pandas 1"),
    "get_feature_names": ("get_feature_names_out", "scikit-learn 1.2"),
}  # fmt: skip
_OPTIONS = frozenset("max_columns max_rows max_colwidth precision width max_info_columns expand_frame_repr".split())  # noqa: SIM905
_ROLLING = re.compile(r"rolling_(mean|std|sum|var|min|max|median)")


def find(facts: Facts) -> Iterator[Mend]:
    """What a call or an attribute is called today."""
    modules = _modules(facts)
    bound = {name for cell in facts.cells for name in cell.binds}
    for cell, code in codes_of(facts):
        for node in ast.walk(code.tree):
            match node:
                case ast.Attribute():
                    yield from _attribute(cell.id, code, node, modules, bound)
                case ast.Call(func=ast.Attribute(attr=name) as func, args=[], keywords=[]) if name in _METHODS:
                    new, since = _METHODS[name]
                    yield _mend(f".{name}()", f".{new}()", since, Rewrite(cell.id, _word(code, func, name), new))
                case ast.Call():
                    yield from _call(cell.id, code, node, modules)
            if isinstance(node, ast.Subscript):
                yield from _ix(cell.id, code, node)


def _mend(old: str, new: str, since: str, *rewrites: Rewrite) -> Mend:
    return Mend(old, f"is {new} today", f"it is not there any more since {since}", rewrites)


def _modules(facts: Facts) -> dict[str, str]:
    """What the notebook calls a module -> the module, for names that mean one thing."""
    found: dict[str, set[str]] = {}
    for cell in facts.cells:
        for one in cell.imports:
            if not one.attribute:
                found.setdefault(one.name, set()).add(one.module)
    return {name: next(iter(each)) for name, each in found.items() if len(each) == 1}


def _attribute(
    cell_id: str, code: CellCode, node: ast.Attribute, modules: dict[str, str], bound: set[str]
) -> Iterator[Mend]:
    path = _dotted(node)
    root, _, rest = path.partition(".")
    if not rest or root not in modules:
        return
    module = modules[root].split(".", maxsplit=1)[0] if "." not in modules[root] else modules[root]
    full = f"{module}.{rest}"
    if full in {"pandas.datetime", "pandas.np"}:
        text = "np" if full == "pandas.np" else "datetime.datetime" if modules.get("datetime") else "datetime"
        yield _mend(path, text, "pandas 2", Rewrite(cell_id, code.span(node), text))
    if full in _RENAMED:
        new, since = _RENAMED[full]
        if new.isidentifier() and new in bound:
            return  # `float` means something else in this notebook
        text = new.format(root)
        yield _mend(path, text, since, Rewrite(cell_id, code.span(node), text))


def _call(cell_id: str, code: CellCode, node: ast.Call, modules: dict[str, str]) -> Iterator[Mend]:
    path = _dotted(node.func)
    root, _, name = path.rpartition(".")
    if modules.get(root) == "pandas" and (match := _ROLLING.fullmatch(name)) and not node.keywords:
        if len(node.args) == 2 and isinstance(node.args[0], ast.Name | ast.Subscript | ast.Attribute | ast.Call):
            text = f"{code.text(node.args[0])}.rolling({code.text(node.args[1])}).{match[1]}()"
            yield _mend(path, f".rolling(...).{match[1]}()", "pandas 0.23", Rewrite(cell_id, code.span(node), text))
    elif modules.get(root) == "pandas" and name in {"set_option", "reset_option", "get_option"} and node.args:
        option = node.args[0]
        if isinstance(option, ast.Constant) and option.value in _OPTIONS:
            yield Mend(
                f"option {option.value}", f"is display.{option.value}", "pandas has several that end so by now",
                (Rewrite(cell_id, code.span(option), f'"display.{option.value}"'),),
            )  # fmt: skip


def _ix(cell_id: str, code: CellCode, node: ast.Subscript) -> Iterator[Mend]:
    """`df.ix["a"]`, where all that is asked for is asked for by label."""
    if not (isinstance(node.value, ast.Attribute) and node.value.attr == "ix"):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if all(_is_label(part) for part in parts):
        yield _mend(".ix", ".loc", "pandas 1", Rewrite(cell_id, _word(code, node.value, "ix"), "loc"))


def _is_label(node: ast.expr) -> bool:
    """Whether this can only be a label, or a condition: a number might be a place."""
    match node:
        case ast.Constant(value=str()) | ast.Compare():
            return True
        case ast.Slice(lower=lower, upper=upper, step=None):
            return all(each is None or _is_label(each) for each in (lower, upper))
        case ast.List(elts=elements):
            return bool(elements) and all(_is_label(each) for each in elements)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
            return _is_label(left) and _is_label(right)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return _is_label(operand)
    return False


def _word(code: CellCode, node: ast.Attribute, name: str) -> Span:
    """Where the last word of an attribute stands."""
    span = code.span(node)
    return Span(span.end_line, span.end_column - len(name), span.end_line, span.end_column)


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of names and attributes only, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
