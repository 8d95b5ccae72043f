"""What would fail in a workspace is found without one."""

import ast
from typing import Any

import pytest
import yaml

from nbpromote.notebook import CellKind, parse
from nbpromote.publish.databricks.checks import find_problems
from nbpromote.publish.databricks.schema import find_unfit
from nbpromote.publish.databricks.source import job_parameter, source_of

NOTEBOOK = "# Databricks notebook source\ndbutils.widgets.text('day', '')\n"
BUNDLE = """
bundle: {name: sales}
variables: {root: {default: /x}}
resources:
  jobs:
    sales:
      parameters: [{name: day, default: "${var.root}"}]
      tasks:
        - task_key: first
          notebook_task: {notebook_path: ../notebooks/sales.py}
          environment_key: locked
        - task_key: second
          depends_on: [{task_key: first}]
          notebook_task: {notebook_path: ../notebooks/next.py}
      environments:
        - environment_key: locked
          spec: {environment_version: "2", dependencies: [../wheels/a.whl, numpy]}
"""
FILES = {
    "notebooks/sales.py": NOTEBOOK + "dbutils.jobs.taskValues.set(key='rows', value=1)\n",
    "notebooks/next.py": NOTEBOOK + "dbutils.jobs.taskValues.get(taskKey='first', key='rows')\n",
    "wheels/a.whl": "",
}


def problems(bundle: str = BUNDLE, files: dict[str, str] = FILES, python: str = "3.11") -> list[str]:
    return [str(one) for one in find_problems({"resources/a.yml": yaml.safe_load(bundle)}, files, python)]


def test_a_bundle_that_fits_has_no_problem() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("${var.root}", "${var.rot}", "refers to ${var.rot}, which is not declared"),
        ("${var.root}", "${resources.jobs.sale.id}", "is no resource of the bundle"),
        ("${var.root}", "${vars.root}", "which nothing gives"),
        ("{name: day,", "{name: dya,", "has the parameter dya, which notebooks/sales.py does not"),
        ("../notebooks/next.py}", '../notebooks/next.py, base_parameters: {day: "1"}}', "base_parameters repeat the"),
        ("sales.py}", "sale.py}", "runs notebooks/sale.py, which is not there"),
        ("{task_key: first}]", "{task_key: frist}]", "depends on frist, which is no task"),
        ("environment_key: locked\n        -", "environment_key: other\n        -", "the environment other, which"),
        ('environment_version: "2"', 'environment_version: "3"', "has Python 3.12, and the lock"),
        ("../wheels/a.whl", "../wheels/b.whl", "needs ../wheels/b.whl, which is not there"),
        ("next.py}", 'next.py, base_parameters: {a: "{{tasks.first.values.row}}"}}', "the value row, which task"),
        ("next.py}", 'next.py, base_parameters: {a: "{{job.parameters.x}}"}}', "which is no parameter of the job"),
        ("depends_on: [{task_key: first}]\n          ", "", "second asks for a value of task first, which need not"),
        ("environment_key: locked\n        -", "new_cluster: {spark_version: 16.4.x-a}\n        -", "runtime 16"),
    ],
)  # fmt: skip
def test_what_would_fail_in_a_workspace_is_told(old: str, new: str, said: str) -> None:
    assert old in BUNDLE
    found = problems(BUNDLE.replace(old, new))
    assert any(said in one for one in found), found


def test_a_file_without_the_header_and_a_value_that_nobody_sets_are_told() -> None:
    plain = {**FILES, "notebooks/sales.py": "# ---\n# jupyter:\n" + NOTEBOOK}
    said = " ".join(problems(files=plain))
    assert "notebooks/sales.py: does not begin with the header" in said
    assert "asks for the value rows, which task first never sets" in said
    swapped = {**FILES, "notebooks/next.py": FILES["notebooks/next.py"].replace(
        "taskKey='first', key='rows'", "key='sum',\n    taskKey='first'")}  # fmt: skip
    assert any("asks for the value sum, which task first never sets" in one for one in problems(files=swapped))
    unsure = {**swapped, "notebooks/sales.py": FILES["notebooks/sales.py"].replace("'rows'", "f'{x}'")}
    assert problems(files=unsure) == []
    assert any("asks for week, which job sales does not give" in one
               for one in problems(files={**FILES, "notebooks/sales.py": FILES["notebooks/sales.py"]
                                          + 'dbutils.widgets.get("week")'}))  # fmt: skip


def test_a_schema_with_classes_of_unicode_is_held_against_the_bundle() -> None:
    names = {"type": "object", "patternProperties": {}, "properties": {"name": {"pattern": r"^[\p{L}\d_]+$"}}}
    schema = {"properties": {"bundle": names}, "required": ["resources"]}
    assert find_unfit(schema, {"a.yml": {"bundle": {"name": "verkäufe_1"}, "resources": {}}}) == ()
    (one,) = find_unfit(schema, {"a.yml": {"bundle": {"name": "a b"}, "resources": {}}})
    assert str(one).startswith("a.yml: bundle.name: 'a b' does not match")
    for pattern, fits_not in ((r"^\P{L}$", "ä"), (r"^[^\p{Lu}]$", "Ä")):
        found = find_unfit({"properties": {"a": {"pattern": pattern}}}, {"x": {"a": "1"}, "y": {"a": fits_not}})
        assert [one.path for one in found] == ["y"]
    with pytest.raises(ValueError, match="nonsense"):
        find_unfit({"type": "nonsense"}, {})


PRODUCTION = """# %% [markdown]
# # Sales

# %% tags=["parameters"]
day: "date" = "2024-03-01"  # First day
refit: bool = True
env: str = "dev"
ids: list = [1, 2]
few: str = "a"  # Which; any of: a, b
like: str = "x"  # such as: a, b
need: int

# %%
print(day)
"""


def test_widgets_are_made_of_parameters_and_all_other_cells_are_unchanged() -> None:
    notebook = parse(PRODUCTION.encode(), "notebooks/production/sales.py")
    told: list[Any] = [
        job_parameter("day", "'2024-03-01'", "First day", (), is_bool=False),
        job_parameter("refit", "True", "", (), is_bool=True),
        job_parameter("env", "'dev'", "", ("dev", "prod"), is_bool=False),
        job_parameter("ids", "[1, 2]", "", (), is_bool=False),
        job_parameter("few", "'a'", "Which; any of: a, b", (), is_bool=False),
        job_parameter("like", "'x'", "such as: a, b", (), is_bool=False),
        job_parameter("need", None, "", (), is_bool=False),
    ]
    assert job_parameter("when", "date.today()", "", (), is_bool=False) is None
    text = source_of(notebook, told, "abc")
    made = parse(text.encode(), "sales.py")
    assert text.startswith("# Databricks notebook source\n")
    widgets = next(cell for cell in made.cells if "dbutils" in cell.source)
    ast.parse(widgets.source)
    for line in (
        'dbutils.widgets.text("day", "2024-03-01", "First day")',
        'dbutils.widgets.dropdown("refit", "true", ["true", "false"])',
        'dbutils.widgets.dropdown("env", "dev", ["dev", "prod"])',
        'dbutils.widgets.text("ids", "[1, 2]")',
        'dbutils.widgets.multiselect("few", "a", ["a", "b"], "Which")',
        'dbutils.widgets.combobox("like", "x", ["a", "b"])',
        'dbutils.widgets.text("need", "")',
    ):
        assert line in widgets.source
    left = [cell for cell in made.cells[1:] if cell is not widgets]
    assert [(cell.kind, cell.source) for cell in left] == [(cell.kind, cell.source) for cell in notebook.cells]
    assert made.cells[0].kind is CellKind.MARKDOWN
