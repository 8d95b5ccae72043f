"""The notebook's own SparkSession becomes the session that configuration decides."""

import ast
from dataclasses import replace

from nbpromote.analysis.facts import Span
from nbpromote.notebook.magics import code_of
from nbpromote.notebook.model import Cell
from nbpromote.promotion.code import CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Lines, Rewrite
from nbpromote.promotion.spark_conf import Conf, find_conf

# What PySpark's shell and Databricks have ready for a notebook.
_GIVEN = {"spark": "", "sc": "sc = spark.sparkContext", "sqlContext": "sqlContext = spark"}
_GIVEN_THERE = {"sql": "sql = spark.sql", "table": "table = spark.table"}
# What a notebook of Databricks finds ready made and can import instead.
IMPORTED_THERE = {
    "displayHTML": "from commonlib.showing import displayHTML", "udf": "from pyspark.sql.functions import udf"
}  # fmt: skip
GET_SPARK = "get_spark"
CHOICES = (GET_SPARK, "its own")
IMPORT = "from commonlib.session import get_spark"


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Replace `SparkSession.builder...getOrCreate()` by `get_spark`, and make a session where the notebook had one."""
    found = False
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Call) and _is_get_or_create(node):
                found = True
                draft = _replaced(draft, cell, code, node)
            elif isinstance(node, ast.Call) and _is_context(node, is_first=not found):
                draft, is_replaced = _replaced_context(draft, cell, code, node)
                found = found or is_replaced
    bound = {name for cell in draft.kept_code for name in draft.facts.of(cell.id).binds}
    reads = {name for cell in draft.kept_code for name in draft.facts.of(cell.id).reads}
    reads |= {"spark" for cell in draft.kept_code if code_of(cell).language == "sql"}
    is_databricks = any("databricks" in cell.metadata for cell in draft.kept_code)
    if is_databricks:
        known = sorted((reads - bound - draft.taken) & IMPORTED_THERE.keys())
        draft = replace(draft, imports=(*draft.imports, *(IMPORTED_THERE[name] for name in known)))
    makers = {**_GIVEN, **_GIVEN_THERE} if is_databricks else _GIVEN
    given = sorted((reads - bound) & makers.keys())
    if given:
        lines = [f'spark = get_spark("{draft.options.name}")'] if "spark" not in bound else []
        lines += [makers[name] for name in given if name != "spark"]
        draft = replace(draft, session="\n".join(lines)).deciding(
            Decision(DecisionKind.SESSION, ", ".join(given), "from get_spark", "the notebook found it ready made")
        )
        found = True
    return replace(draft, imports=(*draft.imports, IMPORT)) if found else draft


def _replaced(draft: Draft, cell: Cell, code: CellCode, call: ast.Call) -> Draft:
    steps = _steps(call)
    if steps is None:
        return draft
    name: str | None = None
    config: dict[str, str] = {}
    dropped: list[str] = []
    unknown: list[str] = []
    gone: tuple[Rewrite, ...] = ()
    for method, arguments, keywords in steps:
        texts = [code.text(argument) for argument in arguments]
        conf = _conf_of_step(draft, code, method, arguments, keywords)
        if conf is not None:
            name, config, gone = name or conf.name, {**conf.config, **config}, (*gone, *conf.lines)
            dropped += [f"setMaster({conf.master})"] if conf.master else []
        elif method == "appName" and len(texts) == 1:
            name = texts[0]
        elif method == "config" and len(texts) == 2:
            config[texts[0]] = texts[1]
        elif method in {"master", "remote"}:
            dropped.append(f"{method}({', '.join(texts)})")
        elif method != "getOrCreate" or arguments or keywords:
            unknown.append(method)
    if unknown:
        why = f"it calls {', '.join(unknown)}, which get_spark has no word for"
        return draft.deciding(Decision(DecisionKind.SESSION, name_of(cell), "keeps its own session", why, doubt=True))
    turn = draft.turn(Topic.SESSION, name_of(cell), CHOICES, GET_SPARK)
    if turn.choice != GET_SPARK:
        return draft.deciding(
            Decision(DecisionKind.SESSION, name_of(cell), "keeps its own session", "so chosen", turn=turn)
        )
    span, is_whole = _with_parentheses(code, call)
    made = _call(name, config, is_broken=is_whole)
    why = "where Spark runs is configuration" + (f"; {', '.join(dropped)} goes" if dropped else "")
    return draft.rewriting(Rewrite(cell.id, span, made), *gone).deciding(
        Decision(DecisionKind.SESSION, name_of(cell), "the session comes from commonlib.session", why, turn=turn)
    )


def _replaced_context(draft: Draft, cell: Cell, code: CellCode, call: ast.Call) -> tuple[Draft, bool]:
    """The draft with `SparkContext("local", "name")` as the context of the session, and whether it is so."""
    conf = _conf_of(draft, code, call)
    if conf is None:
        why = "it is given settings that get_spark has no word for"
        return draft.deciding(
            Decision(DecisionKind.SESSION, name_of(cell), "keeps its own Spark context", why, doubt=True)
        ), False
    turn = draft.turn(Topic.SESSION, name_of(cell), CHOICES, GET_SPARK)
    if turn.choice != GET_SPARK:
        kept = Decision(DecisionKind.SESSION, name_of(cell), "keeps its own Spark context", "so chosen", turn=turn)
        return draft.deciding(kept), False
    made = f"{_call(conf.name, conf.config, is_broken=True)}.sparkContext"
    dropped = f"; {conf.master} goes" if conf.master else ""
    what, why = "the Spark context is that of commonlib.session", f"where Spark runs is configuration{dropped}"
    return draft.rewriting(Rewrite(cell.id, code.span(call), made), *conf.lines).deciding(
        Decision(DecisionKind.SESSION, name_of(cell), what, why, turn=turn)
    ), True


def _conf_of(draft: Draft, code: CellCode, call: ast.Call) -> Conf | None:
    """What a call of `SparkContext` or its `getOrCreate` is given, where the code spells it out."""
    is_get = isinstance(call.func, ast.Attribute) and call.func.attr == "getOrCreate"
    given = {one.arg: one.value for one in call.keywords}
    given.update(zip(("conf",) if is_get else ("master", "appName"), call.args, strict=False))
    if given.keys() == {"conf"}:
        return find_conf(given["conf"], code, _codes(draft))
    if given.keys() - {"master", "appName"} or len(call.args) > 2:
        return None
    texts = {key: code.text(value) for key, value in given.items() if key}
    return Conf(texts.get("appName"), {}, texts.get("master"))


def _conf_of_step(
    draft: Draft, code: CellCode, method: str, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> Conf | None:
    """The settings of a builder's `config(conf=conf)`."""
    if method != "config" or arguments or [one.arg for one in keywords] != ["conf"]:
        return None
    return find_conf(keywords[0].value, code, _codes(draft))


def _codes(draft: Draft) -> list[tuple[Cell, CellCode]]:
    return [(cell, code) for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]


def _is_context(call: ast.Call, *, is_first: bool) -> bool:
    """Whether a Spark context is made; `getOrCreate` behind a session finds the session's."""
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr == "getOrCreate":
        return is_first and _last_word(func.value) == "SparkContext"
    return _last_word(func) == "SparkContext"


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _call(name: str | None, config: dict[str, str], *, is_broken: bool) -> str:
    """The call of get_spark, over several lines when it is long and may be."""
    pairs = [f"{key}: {value}" for key, value in config.items()]
    handed = [*([name] if name else []), *(["config={" + ", ".join(pairs) + "}"] if pairs else [])]
    line = f"get_spark({', '.join(handed)})"
    if len(line) <= 90 or not is_broken:
        return line
    rows = [*([f"    {name},"] if name else []), "    config={", *(f"        {pair}," for pair in pairs), "    },"]
    return "\n".join(["get_spark(", *rows, ")"])


def _with_parentheses(code: CellCode, call: ast.Call) -> tuple[Span, bool]:
    """The call's place with the parentheses that people put around a long chain, when it is all that is assigned."""
    for statement in code.tree.body:
        if isinstance(statement, ast.Assign) and statement.value is call:
            whole, target = code.span(statement), code.span(statement.targets[-1])
            text = Lines(code.source)
            between = text.source[text.end(target) : text.start(code.span(call))]
            skipped = len(between) - len(between.split("=", 1)[1].lstrip(" ")) if "=" in between else 0
            if between.count("\n") == 0 or "(" in between:
                start = text.end(target) + skipped
                line = text.source.count("\n", 0, start) + 1
                return Span(line, start - text.offset(line, 0), whole.end_line, whole.end_column), True
    return code.span(call), False


def _is_get_or_create(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "getOrCreate" and _steps(node) is not None


def _steps(call: ast.Call) -> list[tuple[str, list[ast.expr], list[ast.keyword]]] | None:
    """The builder's calls from first to last, or None when the chain does not begin at `SparkSession.builder`."""
    steps: list[tuple[str, list[ast.expr], list[ast.keyword]]] = []
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        steps.append((node.func.attr, node.args, node.keywords))
        node = node.func.value
    if isinstance(node, ast.Attribute) and node.attr == "builder" and isinstance(node.value, ast.Name | ast.Attribute):
        root = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        return steps[::-1] if root == "SparkSession" else None
    return None
