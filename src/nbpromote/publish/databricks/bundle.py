"""A bundle: `databricks.yml`, and a file of its own for each notebook's job."""

from dataclasses import dataclass

import yaml

from nbpromote.publish.databricks.source import LAKE_ROOT, MADE, JobParameter
from nbpromote.publish.databricks.vendor import environment_for

_BUNDLE = """\
# Written once by nbpromote, and yours from then on: hosts, run_as, permissions.
bundle:
  name: {name}

include:
  - resources/*.yml

variables:
  lake_root:
    description: Where the lake lies, such as a folder of a volume.
    default: /Volumes/main/default/lake

targets:
  dev:
    mode: development
    default: true
  prod:
    mode: production
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What a notebook's job is made of. `python` is the lock's (3.11); `dependencies` are pins and the wheel."""

    name: str
    source: str
    parameters: tuple[JobParameter, ...]
    python: str
    dependencies: tuple[str, ...]
    commit: str | None = None
    schedule: str | None = None


def bundle_of(name: str) -> str:
    """`databricks.yml` for a repository of this name."""
    return _BUNDLE.format(name=name)


def resource_of(job: Job) -> str:
    """The file of a job, as YAML."""
    parameters = [{"name": one.name, "default": one.default} for one in job.parameters]
    parameters.append({"name": LAKE_ROOT, "default": "${var.lake_root}"})
    tags = {"nbpromote": job.name, "commit": (job.commit or "uncommitted")[:40]}
    task = {
        "task_key": job.name,
        "notebook_task": {"notebook_path": f"../notebooks/{job.name}.py", "source": "WORKSPACE"},
        "environment_key": "locked",
    }
    specification = {"environment_version": environment_for(job.python), "dependencies": list(job.dependencies)}
    made: dict[str, object] = {"name": job.name, "tags": tags, "max_concurrent_runs": 1, "parameters": parameters}
    if job.schedule:
        made["schedule"] = {"quartz_cron_expression": job.schedule, "timezone_id": "UTC", "pause_status": "UNPAUSED"}
    made |= {"tasks": [task], "environments": [{"environment_key": "locked", "spec": specification}]}
    text = yaml.safe_dump({"resources": {"jobs": {job.name: made}}}, sort_keys=False, allow_unicode=True, width=120)
    return f"# {MADE} {job.source}. Change it there, and publish again.\n{text}"
