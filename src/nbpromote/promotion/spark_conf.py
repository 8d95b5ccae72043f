"""Spark's settings as a notebook spells them by `SparkConf().setAppName("x").set("k", "v")`, there or under a name."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode
from nbpromote.promotion.rewriting import Rewrite

_SETTERS = {"setAppName": 1, "setMaster": 1, "set": 2}


@dataclass(frozen=True, slots=True)
class Conf:
    """What is set: `name`, `config` and `master` are sources; `lines` is the statement that made it for this alone."""

    name: str | None
    config: dict[str, str]
    master: str | None
    lines: tuple[Rewrite, ...] = ()


def find_conf(given: ast.expr, code: CellCode, codes: Sequence[tuple[Cell, CellCode]]) -> Conf | None:
    """The settings that are handed over, or None where the code does not spell them all out."""
    if not isinstance(given, ast.Name):
        return _spelled(given, code)
    uses = [node for _, each in codes for node in ast.walk(each.tree) if _is_named(node, given.id)]
    for cell, each in codes:
        for statement in each.tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == given.id and len(uses) == 2:
                    conf, span = _spelled(value, each), each.whole_lines(statement)
                    if conf is not None and span is not None:
                        return Conf(conf.name, conf.config, conf.master, (Rewrite(cell.id, span, ""),))
    return None


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _spelled(node: ast.expr, code: CellCode) -> Conf | None:
    name: str | None = None
    master: str | None = None
    config: dict[str, str] = {}
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SETTERS:
        if node.keywords or len(node.args) != _SETTERS[node.func.attr]:
            return None
        texts = [code.text(one) for one in node.args]
        if node.func.attr == "set":
            config = {texts[0]: texts[1], **config}
        elif node.func.attr == "setMaster":
            master = master or texts[0]
        else:
            name = name or texts[0]
        node = node.func.value
    is_begin = isinstance(node, ast.Call) and not node.args and not node.keywords
    func = node.func if isinstance(node, ast.Call) else node
    called = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return Conf(name, config, master) if is_begin and called == "SparkConf" else None
