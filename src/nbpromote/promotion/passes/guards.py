"""Edge cases: what the notebook takes for granted of its inputs is checked right after they are read."""

import ast
from dataclasses import replace

from nbpromote.analysis.facts import AccessKind, Direction
from nbpromote.notebook.model import Cell
from nbpromote.promotion.asked_columns import asked, bound_in, made_in, strings
from nbpromote.promotion.code import WIDEST, CellCode, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot, name_of
from nbpromote.promotion.join_keys import find_join_keys
from nbpromote.promotion.plan import Decision, DecisionKind, Topic
from nbpromote.promotion.rewriting import Rewrite

_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)
_OTHER_THAN_FRAMES = frozenset({"read_html", "read_pickle", "read_clipboard", "read_sql"})
CHECK = "check"
KEYS = "check keys"
CHOICES = (CHECK, "none")
_FRAME_READERS = ("pandas.read_", "pyspark.DataFrameReader.", "pyspark.SparkSession.table", "commonlib.lake.read")


def apply(draft: Draft, _: Snapshot) -> Draft:
    """Add a check behind each read of a table that the notebook names."""
    validation, line = draft.module("validation")
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        if code is None:
            continue
        for statement in code.tree.body:
            name = frame_read(draft, cell, code, statement)
            span = code.whole_lines(statement)
            if name is None or span is None:
                continue
            columns, keys = columns_of(draft, cell.id, name), _keys_of(draft, cell, code, statement, name)
            columns = tuple(dict.fromkeys((*columns, *keys)))
            choices = (CHECK, KEYS, "none") if keys else CHOICES
            turn = draft.turn(Topic.GUARD, name, choices, CHECK)
            listed = f", columns={_listed(columns)}" if columns else ""
            full = tuple(one for one in _without_nulls(draft, cell.id, name) if one in columns)
            full = tuple(dict.fromkeys((*full, *(keys if turn.choice == KEYS else ()))))
            listed += f", not_null={_listed(full)}" if full else ""
            check = _broken(f'{name} = {validation}.require({name}, "{name}"{listed})') + "\n"
            at = replace(span, line=span.end_line, column=0)
            lead = "" if cell.source.count("\n") >= span.end_line - 1 or cell.source.endswith("\n") else "\n"
            what = "is checked: not empty" + (f", has {', '.join(columns)}" if columns else "")
            what += f", no null in {', '.join(full)}" if full else ""
            why = f"{name_of(cell)} reads it" + (", and the code names these columns" if columns else "")
            if keys and turn.choice == CHECK:
                why += f'; it is joined by {", ".join(keys)}, where nulls find no partner: "{KEYS}" refuses them'
            if turn.choice not in {CHECK, KEYS}:
                draft = draft.deciding(Decision(DecisionKind.GUARD, name, "is not checked", "so chosen", turn=turn))
                continue
            draft = draft.inserting_before(Rewrite(cell.id, at, lead + check)).deciding(
                Decision(DecisionKind.GUARD, name, what, why, turn=turn)
            )
            draft = replace(draft, imports=tuple(dict.fromkeys((*draft.imports, line))))
    return draft


def _broken(line: str) -> str:
    """The line as a formatter breaks it when it is long: an argument a line, and those of a long list, too."""
    if len(line) <= WIDEST:
        return line
    call = ast.parse(line).body[0]
    assert isinstance(call, ast.Assign)
    assert isinstance(call.value, ast.Call)
    parts = [ast.get_source_segment(line, one) or "" for one in call.value.args]
    rows = [f"    {', '.join(parts)},"]
    for keyword in call.value.keywords:
        text = ast.get_source_segment(line, keyword) or ""
        if len(text) + 5 > WIDEST and isinstance(keyword.value, ast.Tuple):
            each = [f"        {ast.get_source_segment(line, one)}," for one in keyword.value.elts]
            rows += [f"    {keyword.arg}=(", *each, "    ),"]
        else:
            rows.append(f"    {text},")
    return "\n".join([line[: line.index("(") + 1], *rows, ")"])


def _listed(columns: tuple[str, ...]) -> str:
    return "(" + ", ".join(f'"{column}"' for column in columns) + ("," if len(columns) == 1 else "") + ")"


def frame_read(draft: Draft, cell: Cell, code: CellCode, statement: ast.stmt) -> str | None:
    """The name that this statement gives to a table it reads, or None."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return None
    span = code.span(statement.value)
    kinds = {AccessKind.FILE, AccessKind.TABLE, AccessKind.DATASET}
    for access in draft.facts.of(cell.id).accesses:
        if (cell.id, access.span) in draft.read_back:
            continue
        if access.direction is Direction.READ and access.kind in kinds and access.span == span:
            return (
                target.id if access.call.startswith(_FRAME_READERS) and _is_one_frame(access.call, statement) else None
            )
    return None


def _is_one_frame(call: str, statement: ast.Assign) -> bool:
    """Whether what is read is one table: no iterator of pieces, no dictionary of sheets, no object of any kind."""
    if call.rpartition(".")[2] in _OTHER_THAN_FRAMES or not isinstance(statement.value, ast.Call):
        return False
    given = {one.arg: one.value for one in statement.value.keywords}
    sheets = given.get("sheet_name", ast.Constant(0))
    is_one_sheet = isinstance(sheets, ast.Constant) and sheets.value is not None
    return is_one_sheet and not given.keys() & {"chunksize", "iterator", "squeeze", "typ"}


def _renames(statement: ast.AST, name: str) -> bool:
    """Whether the columns of `name` are others behind this statement, in a way that the code does not spell out."""
    for one in ast.walk(statement):
        match one:
            case ast.Attribute(value=ast.Name(id=owner), attr="columns", ctx=ast.Store()) if owner == name:
                return True
            case ast.Subscript(value=ast.Name(id=owner), slice=key, ctx=ast.Store()) if owner == name:
                if not strings(key):
                    return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)) if owner == name:
                if method == "insert" or any(each.arg == "inplace" for each in one.keywords):
                    return True
    return False


def _keys_of(draft: Draft, cell: Cell, code: CellCode, statement: ast.stmt, name: str) -> tuple[str, ...]:
    """The columns by which the input is joined, that the code does not make itself."""
    assert isinstance(statement, ast.Assign)
    span = code.span(statement.value)
    call = next((one.call for one in draft.facts.of(cell.id).accesses if one.span == span), "")
    is_spark = call.startswith("pyspark.") or call == "commonlib.lake.read"
    trees = [each.tree for one in draft.kept_code if (each := parse_cell(one.source)) is not None]
    made = {column for tree in trees for column in made_in(tree)}
    found = find_join_keys(_after(draft, cell.id, name), name, is_spark=is_spark)
    return tuple(key for key in found if key not in made)


def _without_nulls(draft: Draft, cell_id: str, name: str) -> tuple[str, ...]:
    """Columns of the input that become integers as they are, which nulls cannot."""
    found: list[str] = []
    for statement in _after(draft, cell_id, name):
        for one in ast.walk(statement) if not isinstance(statement, _COMPOUND) else ():
            match one:
                case ast.Call(
                    func=ast.Attribute(attr="astype", value=ast.Subscript(value=ast.Name(id=owner), slice=key)),
                    args=[ast.Name(id="int") | ast.Constant(value="int" | "int64" | "int32")],
                ) if owner == name:
                    found += strings(key)
    return tuple(dict.fromkeys(found))


def _after(draft: Draft, cell_id: str, name: str) -> list[ast.stmt]:
    """The statements in which `name` is the table as it was read in this cell."""
    found: list[ast.stmt] = []
    is_read = False
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for statement in code.tree.body if code else ():
            is_binding = name in bound_in(statement)
            if is_read:
                found.append(statement)
            if is_read and (is_binding or _renames(statement, name)):
                return found
            is_read = is_read or (is_binding and cell.id == cell_id)
    return found


def columns_of(draft: Draft, cell_id: str, name: str) -> tuple[str, ...]:
    """The columns of the input `name` that the kept code asks for, as far as the code says so beyond doubt."""
    trees = [code.tree for cell in draft.kept_code if (code := parse_cell(cell.source)) is not None]
    made = {column for tree in trees for column in made_in(tree)}
    functions = {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: list[str] = []
    for statement in _after(draft, cell_id, name):
        if not (isinstance(statement, _COMPOUND) and _renames(statement, name)):
            found += asked(statement, name, functions, depth=3)
    return tuple(dict.fromkeys(one for one in found if one not in made))
