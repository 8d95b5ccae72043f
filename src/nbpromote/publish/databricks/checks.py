"""What is wrong with a bundle, found without a login; the vendor's own tool asks a workspace first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbpromote.publish.databricks.asking import Asking, asking_of
from nbpromote.publish.databricks.vendor import ENVIRONMENTS, RUNTIMES

HEADER = "# Databricks notebook source"
_REFERENCE = re.compile(r"\$\{([\w.\[\]-]+)\}")
_DYNAMIC = re.compile(r"\{\{\s*([\w.\[\]\"'-]+)\s*\}\}")
_BUILT_IN = ("bundle.", "workspace.", "var.", "resources.")
_RUNTIME = re.compile(r"(\d+\.\d+)\.x-")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that would fail in a workspace: the file, what is wrong, what to do."""

    path: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.hint}"


def find_problems(documents: Mapping[str, object], files: Mapping[str, str], python: str | None) -> tuple[Problem, ...]:
    """All that is wrong, sorted.

    Args:
        documents: The bundle's YAML files by path in the bundle, parsed.
        files: The other files of the bundle by path, texts of notebooks; of what is no text, an empty one.
        python: The lock's Python (3.11); None when there is no lock.
    """
    found: list[Problem] = []
    whole = [(path, one) for path, one in documents.items() if isinstance(one, dict)]
    variables = {name for _, one in whole for name in _mapping(one.get("variables"))}
    resources = {
        f"{kind}.{name}" for _, one in whole for kind, group in _mapping(one.get("resources")).items()
        for name in _mapping(group)
    }  # fmt: skip
    for path, one in whole:
        found += _undeclared(path, one, variables, resources)
        for name, job in _mapping(_mapping(one.get("resources")).get("jobs")).items():
            if isinstance(job, dict):
                found += _of_job(path, name, job, files, python)
    return tuple(sorted(set(found)))


def _undeclared(path: str, document: object, variables: set[str], resources: set[str]) -> Iterator[Problem]:
    for text in _texts(document):
        for name in _REFERENCE.findall(text):
            if name.startswith("var.") and name[4:] not in variables:
                yield Problem(path, f"refers to ${{{name}}}, which is not declared", "declare it under variables")
            elif name.startswith("resources.") and ".".join(name.split(".")[1:3]) not in resources:
                yield Problem(path, f"refers to ${{{name}}}, which is no resource of the bundle", "mend its name")
            elif not name.startswith(_BUILT_IN):
                yield Problem(path, f"refers to ${{{name}}}, which nothing gives", "mend its name")


def _of_job(
    path: str, name: str, job: dict[str, Any], files: Mapping[str, str], python: str | None
) -> Iterator[Problem]:
    declared = {str(one.get("name")) for one in job.get("parameters") or [] if isinstance(one, dict)}
    tasks = {str(one.get("task_key")): one for one in job.get("tasks") or [] if isinstance(one, dict)}
    sources = {key: files.get(_place(path, task)) for key, task in tasks.items() if _place(path, task)}
    asking = {key: asking_of(source) for key, source in sources.items() if source is not None}
    for key, task in tasks.items():
        place = _place(path, task)
        if place:
            yield from _of_notebook(path, name, place, sources[key], declared, task)
        wanted = set(asking[key].gets) if key in asking else set()
        for text in _texts(task):
            for reference in _DYNAMIC.findall(text):
                parts = reference.split(".")
                if reference.startswith("job.parameters.") and parts[2] not in declared:
                    yield Problem(
                        path, f"refers to {{{{{reference}}}}}, which is no parameter of the job", "declare it"
                    )
                if parts[0] == "tasks" and len(parts) > 3 and parts[2] == "values":
                    wanted.add((parts[1], parts[3]))
        for upstream, value in sorted(wanted):
            yield from _value(path, key, upstream, value, tasks, asking)
        for one in task.get("depends_on") or []:
            if isinstance(one, dict) and one.get("task_key") not in tasks:
                yield Problem(path, f"task {key} depends on {one.get('task_key')}, which is no task", "mend its name")
    yield from _environment(path, name, job, tasks, files, python)


def _of_notebook(  # noqa: PLR0917
    path: str, name: str, place: str, text: str | None, declared: set[str], task: dict[str, Any]
) -> Iterator[Problem]:
    if text is None:
        yield Problem(path, f"job {name} runs {place}, which is not there", "publish it")
        return
    if text.partition("\n")[0].rstrip("\r") != HEADER:
        yield Problem(place, "does not begin with the header, so it is a file and no notebook", f"begin with {HEADER}")
    base = set(_mapping(_mapping(task.get("notebook_task")).get("base_parameters")))
    for one in sorted(base & declared):
        yield Problem(
            path, f"base_parameters repeat the job's {one}, and are ignored", "take it out of base_parameters"
        )
    asking = asking_of(text)
    made, asked = asking.made, asking.asked
    for one in sorted((declared | base) - made - asked):
        yield Problem(path, f"job {name} has the parameter {one}, which {place} does not ask for", "mend its name")
    for one in sorted(asked - made - declared - base):
        yield Problem(path, f"{place} asks for {one}, which job {name} does not give", "add it to parameters")


def _value(  # noqa: PLR0917
    path: str, key: str, upstream: str, value: str, tasks: Mapping[str, dict[str, Any]], asking: Mapping[str, Asking]
) -> Iterator[Problem]:
    if upstream not in tasks:
        yield Problem(path, f"asks for a value of task {upstream}, which the job does not have", "mend its name")
        return
    if upstream in asking and not asking[upstream].sets_any and value not in asking[upstream].sets:
        hint = "set it by dbutils.jobs.taskValues"
        yield Problem(path, f"asks for the value {value}, which task {upstream} never sets", hint)
    if upstream not in _before(key, tasks):
        what = f"task {key} asks for a value of task {upstream}, which need not have run before it"
        yield Problem(path, what, f"add it to the depends_on of {key}")


def _before(key: str, tasks: Mapping[str, dict[str, Any]]) -> set[str]:
    """The tasks that have run when this one begins."""
    found: set[str] = set()
    todo = [key]
    while todo:
        for one in tasks.get(todo.pop(), {}).get("depends_on") or []:
            name = str(one.get("task_key")) if isinstance(one, dict) else ""
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def _environment(  # noqa: PLR0917
    path: str, name: str, job: dict[str, Any], tasks: Mapping[str, dict[str, Any]], files: Mapping[str, str],
    python: str | None,
) -> Iterator[Problem]:  # fmt: skip
    given = {str(one.get("environment_key")): one for one in job.get("environments") or [] if isinstance(one, dict)}
    for key, task in tasks.items():
        wanted = task.get("environment_key")
        if wanted is not None and wanted not in given:
            yield Problem(path, f"task {key} names the environment {wanted}, which is not declared", "declare it")
    for key, one in given.items():
        specification = _mapping(one.get("spec"))
        version = str(specification.get("environment_version", specification.get("client", "")))
        called = f"environment {key} of job {name} (version {version or 'unknown'})"
        yield from _python(path, called, ENVIRONMENTS.get(version), python)
        for each in specification.get("dependencies") or []:
            if str(each).endswith(".whl") and not str(each).startswith("/") and _beside(path, str(each)) not in files:
                yield Problem(path, f"needs {each}, which is not there", "publish again")
    clusters = [_mapping(one).get("new_cluster") for one in job.get("job_clusters") or []]
    for cluster in [*clusters, *(task.get("new_cluster") for task in tasks.values())]:
        runtime = _RUNTIME.match(str(_mapping(cluster).get("spark_version", "")))
        if runtime:
            yield from _python(path, f"runtime {runtime[1]} of job {name}", RUNTIMES.get(runtime[1]), python)


def _python(path: str, what: str, theirs: str | None, python: str | None) -> Iterator[Problem]:
    if python is not None and theirs is None:
        yield Problem(path, f"{what} is not known to this version of nbpromote", "check by hand that its Python fits")
    elif python is not None and theirs != python:
        yield Problem(
            path, f"{what} has Python {theirs}, and the lock is for {python}", "choose one with the lock's Python"
        )


def _place(path: str, task: dict[str, Any]) -> str:
    """Where in the bundle the task's notebook lies; empty when it runs none of the bundle."""
    notebook = str(_mapping(task.get("notebook_task")).get("notebook_path", ""))
    return "" if not notebook or notebook.startswith("/") else _beside(path, notebook)


def _beside(path: str, relative: str) -> str:
    parts: list[str] = path.split("/")[:-1]
    for part in relative.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
