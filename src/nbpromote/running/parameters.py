"""A notebook's parameters, as its own cell tagged `parameters` declares them; read without executing anything."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from nbpromote.errors import UsageError
from nbpromote.notebook.model import Format, Notebook
from nbpromote.running import python_parameters, r_parameters
from nbpromote.running.fitting import Injected, Unfit, from_value, from_words
from nbpromote.running.kinds import Expression, Kind, Type, type_of_annotation, type_of_default

TAG = "parameters"


@dataclass(frozen=True, slots=True)
class Declared:
    """One parameter. `default` is what the cell writes, as source (`"1997-09-30"`); None when it must be given."""

    name: str
    type: Type
    default: str | None
    help: str = ""


class UnreadableParameters(UsageError):
    """The cell of parameters is not plain assignments."""

    def __init__(self, path: str, number: int, reason: str) -> None:
        self.path, self.number, self.reason = path, number, reason
        super().__init__(f"{path} cell {number}: the cell of parameters cannot be read: {reason}")


class UnfitParameters(UsageError):
    """Values that the notebook's declaration does not take; `problems` says each."""

    def __init__(self, path: str, problems: tuple[str, ...]) -> None:
        self.path, self.problems = path, problems
        first, *others = problems
        more = "".join(f"\n  {problem}" for problem in problems) if others else f" {first}"
        super().__init__(f"{path}:{more}\nSee its parameters with: nbpromote run {path} --help")


def declared(notebook: Notebook) -> tuple[Declared, ...]:
    """The parameters that a notebook declares, in order: of one that Databricks keeps, its widgets, when it has no such
    cell.

    Raises:
        UnreadableParameters: the cell holds something else than assignments.
    """
    cell = next((cell for cell in notebook.code_cells if TAG in cell.tags), None)
    if cell is None:
        return tuple(_widgets(notebook)) if has_widgets(notebook) else ()
    if notebook.language == "r":
        return tuple(_declared_in_r(cell.source, notebook))
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise UnreadableParameters(notebook.path, cell.number, f"{error.msg} in line {error.lineno}") from error
    comments = _comments(cell.source)
    found: dict[str, Declared] = {}
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                stated = type_of_annotation(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                stated = None
            case _:
                continue  # imports and docstrings are harmless here; what else there is, analysis reports
        found[name] = Declared(
            name,
            _type(stated, value),
            None if value is None else ast.unparse(value),
            comments.get(statement.end_lineno or statement.lineno, ""),
        )
    return tuple(replace(one, type=_with_choices(one, notebook)) for one in found.values())


def has_widgets(notebook: Notebook) -> bool:
    """Whether the parameters of a notebook are its widgets: one that Databricks keeps, without a cell of parameters."""
    is_there = notebook.format in {Format.DATABRICKS_SOURCE, Format.DATABRICKS_IPYNB} and notebook.language == "python"
    return is_there and not any(TAG in cell.tags for cell in notebook.code_cells)


def _widgets(notebook: Notebook) -> Iterator[Declared]:
    from nbpromote.analysis.code import read_code
    from nbpromote.analysis.widgets import find_widgets

    for one in find_widgets({cell.id: read_code(cell) for cell in notebook.code_cells}, notebook.metadata):
        choices = one.choices if one.kind == "dropdown" else ()
        yield Declared(one.name, Type(Kind.STR, choices=choices), repr(one.default or ""), one.label or "")


def _declared_in_r(source: str, notebook: Notebook) -> Iterator[Declared]:
    for one in {each.name: each for each in r_parameters.assigned(source)}.values():
        kind = one.literal.type if one.literal is not None else Type(Kind.ANY)
        kind = replace(kind, choices=r_parameters.choices(notebook, one.name))
        yield Declared(one.name, kind, one.code if one.literal is None else repr(one.literal.value), one.help)


def written(notebook: Notebook, values: Mapping[str, Injected]) -> Mapping[str, Injected]:
    """Values to inject, each of the class that its default has: `Decimal("1.50")` where that is `Decimal("0")`."""
    cell = next((cell for cell in notebook.code_cells if TAG in cell.tags), None)
    source = cell.source if cell is not None else ""
    match notebook.language:
        case "r":
            return r_parameters.written(source, values)
        case "python":
            return python_parameters.written(source, values)
    return values


def defaults(parameters: Iterable[Declared]) -> dict[str, object]:
    """The declared default of each parameter that has one: its value, or its source when only running would tell."""
    found: dict[str, object] = {}
    for parameter in parameters:
        if parameter.default is not None:
            try:
                found[parameter.name] = python_parameters.value_of(ast.parse(parameter.default, mode="eval").body)
            except (ValueError, SyntaxError):
                found[parameter.name] = Expression(parameter.default)
    return found


def fit(
    path: str,
    parameters: tuple[Declared, ...],
    *,
    words: Iterable[str] = (),
    values: Mapping[str, object] | None = None,
) -> dict[str, Injected]:
    """The values to inject, each of its declared type.

    Args:
        path: the notebook, for messages.
        words: `name=value` as typed; they win over `values`, which a file gives.

    Raises:
        UnfitParameters: unknown, missing, or not of their type: all of them at once.
    """
    known = {parameter.name: parameter for parameter in parameters}
    fitted: dict[str, Injected] = {}
    problems: list[str] = []

    def take(name: str, value: object, *, is_typed_in: bool) -> None:
        if name not in known:
            problems.append(unknown(name, known))
            return
        try:
            wanted = known[name].type
            fitted[name] = from_words(str(value), wanted) if is_typed_in else from_value(value, wanted)
        except Unfit as error:
            problems.append(f"parameter {name}: {error}")

    for name, value in (values or {}).items():
        take(name, value, is_typed_in=False)
    seen: set[str] = set()
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals or not name:
            problems.append(f"-p {word}: a parameter is given as name=value")
        elif name in seen:
            problems.append(f"parameter {name} is given twice")
        else:
            seen.add(name)
            take(name, text, is_typed_in=True)
    problems += [
        f"parameter {name} ({one.type}) has no default; give it with -p {name}=..."
        for name, one in known.items()
        if one.default is None and name not in fitted and not any(f"parameter {name}:" in p for p in problems)
    ]
    if problems:
        raise UnfitParameters(path, tuple(problems))
    return fitted


def unknown(name: str, known: Mapping[str, Declared]) -> str:
    """What to say of a parameter that a notebook does not have."""
    if not known:
        return f"parameter {name} is unknown: the notebook has no cell tagged {TAG!r}"
    near = get_close_matches(name, known, 1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return f"parameter {name} is unknown; {hint}"


def _type(stated: Type | None, value: ast.expr | None) -> Type:
    try:
        default = ast.literal_eval(value) if value is not None else ...
    except ValueError:
        default = ...
    if stated is None:
        return type_of_default(default) if default is not ... else python_parameters.type_made(value)
    return replace(stated, is_optional=True) if default is None else stated


def _with_choices(parameter: Declared, notebook: Notebook) -> Type:
    """The type, with the choices that the notebook's check states: `parameters.text("x", x, choices=[...])`."""
    for cell in notebook.code_cells:
        if "choices" not in cell.source or f'"{parameter.name}"' not in cell.source.replace("'", '"'):
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(args=[ast.Constant(value=parameter.name), *_], keywords=keywords):
                    for keyword in keywords:
                        if keyword.arg == "choices" and isinstance(keyword.value, ast.List | ast.Tuple | ast.Set):
                            choices = tuple(e.value for e in keyword.value.elts if isinstance(e, ast.Constant))
                            return replace(parameter.type, choices=choices)
    return parameter.type


def _comments(source: str) -> dict[int, str]:
    """The comment at the end of each line that has code before it."""
    found: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            text = token.string.lstrip("# ").strip()
            found[token.start[0]] = "" if text.startswith("type:") else text
    return found
