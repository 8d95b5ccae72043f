"""Arguments that libraries have renamed, and calls that are written in another way today."""

import ast
from collections.abc import Iterator

from nbpromote.analysis.facts import Facts, Span
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.mends.mend import Mend, codes_of
from nbpromote.promotion.rewriting import Rewrite

# keyword -> the calls that have it, what it is called today, since when
_KEYWORDS = {
    "normed": (frozenset({"hist", "histogram", "hist2d", "histogram2d", "plot"}), "density", "matplotlib 3.1"),
    "axisbg": (frozenset({"subplot", "add_subplot", "axes", "add_axes", "subplots"}), "facecolor", "matplotlib 2.2"),
    "line_terminator": (frozenset({"to_csv"}), "lineterminator", "pandas 2"),
}
_BY_LEVEL = frozenset({"sum", "mean", "min", "max", "count", "median", "std", "var", "prod"})
_FRAMES = frozenset({"pandas.DataFrame", "pandas.concat", "pandas.merge", "pandas.read_csv", "pandas.read_excel",
                     "pandas.read_json", "pandas.read_table", "pandas.read_parquet"})  # fmt: skip


def find(facts: Facts) -> Iterator[Mend]:
    """Calls that fail today for an argument, with the one that does the same."""
    frames = _frames(facts)
    for cell, code in codes_of(facts):
        known = {call.span: call.callee for call in facts.of(cell.id).calls}
        turned = [node for node in ast.walk(code.tree) if isinstance(node, ast.Call) and _is_gca(node)]
        for node in ast.walk(code.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            yield from _renamed(cell.id, code, node, node.func.attr)
            yield from _bad_lines(cell.id, code, node)
            yield from _style(cell.id, code, node, node.func)
            yield from _by_level(cell.id, code, node, node.func)
            if node in turned and len(turned) == 1:
                yield _with_projection(cell.id, code, node.func)
            if known.get(code.span(node)) == "pandas.DataFrame.append":
                yield from _appended(cell.id, code, node, node.func, known, frames, _pandas(facts))


def _renamed(cell_id: str, code: CellCode, node: ast.Call, called: str) -> Iterator[Mend]:
    for keyword in node.keywords:
        calls, new, since = _KEYWORDS.get(keyword.arg or "", (frozenset(), "", ""))
        if called in calls and keyword.arg is not None and not any(one.arg == new for one in node.keywords):
            span = code.span(keyword)
            word = Span(span.line, span.column, span.line, span.column + len(keyword.arg))
            yield Mend(f"{keyword.arg}=", f"is {new}= today", f"it is not there any more since {since}",
                       (Rewrite(cell_id, word, new),))  # fmt: skip


def _bad_lines(cell_id: str, code: CellCode, node: ast.Call) -> Iterator[Mend]:
    for keyword in node.keywords:
        if keyword.arg == "error_bad_lines" and isinstance(keyword.value, ast.Constant):
            text = f'on_bad_lines="{"error" if keyword.value.value else "skip"}"'
            yield Mend("error_bad_lines=", f"is {text} today", "it is not there any more since pandas 2",
                       (Rewrite(cell_id, code.span(keyword), text),))  # fmt: skip


def _style(cell_id: str, code: CellCode, node: ast.Call, func: ast.Attribute) -> Iterator[Mend]:
    """matplotlib keeps seaborn's old styles under names of their own."""
    is_style = isinstance(func.value, ast.Attribute) and func.value.attr == "style"
    if not is_style or func.attr not in {"use", "context"} or not node.args:
        return
    style = node.args[0]
    if isinstance(style, ast.Constant) and isinstance(style.value, str):
        kind, dash, rest = style.value.partition("-")
        if kind == "seaborn" and not rest.startswith("v0_8"):
            new = f"seaborn-v0_8{dash}{rest}"
            yield Mend(f"style {style.value}", f"is {new}", "it is called so since matplotlib 3.6",
                       (Rewrite(cell_id, code.span(style), f'"{new}"'),))  # fmt: skip


def _by_level(cell_id: str, code: CellCode, node: ast.Call, func: ast.Attribute) -> Iterator[Mend]:
    if func.attr in _BY_LEVEL and not node.args and [one.arg for one in node.keywords] == ["level"]:
        level, receiver, span = code.text(node.keywords[0].value), code.span(func.value), code.span(node)
        behind = Span(receiver.end_line, receiver.end_column, span.end_line, span.end_column)
        yield Mend(f"{func.attr}(level=)", f"is groupby(level=...).{func.attr}()", "it is not there since pandas 2",
                   (Rewrite(cell_id, behind, f".groupby(level={level}).{func.attr}()"),))  # fmt: skip


def _is_gca(node: ast.Call) -> bool:
    is_gca = isinstance(node.func, ast.Attribute) and node.func.attr == "gca"
    return is_gca and not node.args and [one.arg for one in node.keywords] == ["projection"]


def _with_projection(cell_id: str, code: CellCode, func: ast.Attribute) -> Mend:
    is_pyplot = isinstance(func.value, ast.Name) and func.value.id in {"plt", "pyplot"}
    new = "axes" if is_pyplot else "add_subplot"
    span = code.span(func)
    word = Span(span.end_line, span.end_column - len("gca"), span.end_line, span.end_column)
    return Mend("gca(projection=)", f"is {new}(projection=...)", "gca takes no arguments since matplotlib 3.7",
                (Rewrite(cell_id, word, new),))  # fmt: skip


def _appended(  # noqa: PLR0917
    cell_id: str, code: CellCode, node: ast.Call, func: ast.Attribute, known: dict[Span, str], frames: set[str], pd: str
) -> Iterator[Mend]:
    """`a.append(b)` of two frames; of a row, `concat` would make something else."""
    if len(node.args) != 1 or not pd or any(one.arg not in {"ignore_index", "sort"} for one in node.keywords):
        return
    other = node.args[0]
    is_frame = isinstance(other, ast.Name) and other.id in frames
    if not is_frame and known.get(code.span(other)) not in _FRAMES:
        return
    rest = "".join(f", {one.arg}={code.text(one.value)}" for one in node.keywords)
    text = f"{pd}.concat([{code.text(func.value)}, {code.text(other)}]{rest})"
    yield Mend("DataFrame.append", f"is {pd}.concat", "it is not there any more since pandas 2",
               (Rewrite(cell_id, code.span(node), text),))  # fmt: skip


def _frames(facts: Facts) -> set[str]:
    """Names that only ever hold a frame of pandas, as far as the calls tell that make it."""
    kinds: dict[str, set[bool]] = {}
    for cell, code in codes_of(facts):
        known = {call.span: call.callee for call in facts.of(cell.id).calls}
        simple: dict[str, int] = {}
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                simple[name] = simple.get(name, 0) + 1
                kinds.setdefault(name, set()).add(known.get(code.span(node.value)) in _FRAMES)
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                simple[node.id] = simple.get(node.id, 0) - 1
        for name, count in simple.items():
            if count < 0:
                kinds.setdefault(name, set()).add(False)
    return {name for name, found in kinds.items() if found == {True}}


def _pandas(facts: Facts) -> str:
    names = [one.name for cell in facts.cells for one in cell.imports if one.module == "pandas" and not one.attribute]
    return names[0] if names else ""
