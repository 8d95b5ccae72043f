"""A production notebook as Databricks source, with widgets for its parameters, else unchanged."""

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from nbpromote.notebook.formats import databricks_mapping, databricks_source
from nbpromote.notebook.model import Cell, CellKind, Notebook

MADE = "Published by nbpromote from"
LAKE_ROOT = "LAKE_ROOT"
_OFFERS = re.compile(r"(?:(?P<label>.*?); )?(?P<kind>such as|any of): (?P<choices>.+)")


@dataclass(frozen=True, slots=True)
class JobParameter:
    """A parameter as a job has it: text. `default` is empty when it must be given; `choices` what a widget offers."""

    name: str
    default: str
    label: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()


def job_parameter(
    name: str, default: str | None, label: str, choices: Sequence[object], *, is_bool: bool
) -> JobParameter | None:
    """The parameter that a notebook declares, as a job has it; None when only a run knows its default.

    `default` is Python source.
    """
    try:
        text = "" if default is None else text_of(ast.literal_eval(default))
    except ValueError:
        return None
    offers = _OFFERS.fullmatch(label)
    if is_bool:
        return JobParameter(name, text, label, "dropdown", ("true", "false"))
    if choices:
        return JobParameter(name, text, label, "dropdown", tuple(text_of(one) for one in choices))
    if offers:
        kind = "combobox" if offers["kind"] == "such as" else "multiselect"
        offered = tuple(one.strip() for one in offers["choices"].split(","))
        return JobParameter(name, text, offers["label"] or "", kind, offered)
    return JobParameter(name, text, label)


def text_of(value: object) -> str:
    """A value as the text that a widget holds, which `commonlib.parameters` reads again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(list(value)) if isinstance(value, list | tuple) else str(value)


def source_of(notebook: Notebook, parameters: Sequence[JobParameter], commit: str | None) -> str:
    """The text of the published file.

    Raises:
        CannotBeSource: a cell would be cut into others.
    """
    told = f"{MADE} {notebook.path}{f' at commit {commit[:12]}' if commit else ''}. Change it there, and publish again."
    note = _cell("published", CellKind.MARKDOWN, told)
    widgets = _cell("widgets", CellKind.CODE, _widgets(parameters), "Widgets")
    cells = list(notebook.cells)
    place = next((at for at, cell in enumerate(cells) if "parameters" in cell.tags), 0)
    cells = [
        replace(cell, metadata=MappingProxyType({**cell.metadata, "title": "Parameters"}))
        if "parameters" in cell.tags
        else cell
        for cell in cells
    ]
    made, _ = databricks_mapping.to_databricks(replace(notebook, cells=(*cells[:place], widgets, *cells[place:])))
    first = databricks_mapping.to_databricks(replace(notebook, cells=(note,)))[0].cells
    return databricks_source.render(replace(made, cells=(*first, *made.cells), metadata=MappingProxyType({})))


def _cell(name: str, kind: CellKind, source: str, title: str | None = None) -> Cell:
    return Cell(name, 0, kind, source, metadata=MappingProxyType({"title": title} if title else {}))


def _widgets(parameters: Sequence[JobParameter]) -> str:
    lines = ["import os", ""]
    for one in parameters:
        default, label = one.default, f", {json.dumps(one.label, ensure_ascii=False)}" if one.label else ""
        # A dropdown and a choice of several must begin with one of their choices.
        kind = one.kind if one.kind == "combobox" or set(default.split(",")) <= {*one.choices} else "text"
        offered = f", {json.dumps(list(one.choices), ensure_ascii=False)}" if kind != "text" else ""
        made = f"{json.dumps(one.name)}, {json.dumps(default, ensure_ascii=False)}{offered}{label}"
        lines.append(f"dbutils.widgets.{kind}({made})")
    lines += [
        f'dbutils.widgets.text("{LAKE_ROOT}", os.environ.get("{LAKE_ROOT}", ""))',
        f'if dbutils.widgets.get("{LAKE_ROOT}"):',
        f'    os.environ["{LAKE_ROOT}"] = dbutils.widgets.get("{LAKE_ROOT}")',
    ]
    return "\n".join(lines)
