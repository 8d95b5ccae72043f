"""What stands between here and Spark on Databricks."""

from pathlib import Path

from nbpromote.effects.environment import databricks
from nbpromote.effects.environment.databricks import CLIENT, Found
from nbpromote.effects.environment.installed import distributions
from nbpromote.environment.usage import find_clash


def examine(root: Path) -> tuple[Found, ...]:
    """Look at the packages, the environment of Databricks Connect, the profile and the host; takes seconds at most."""
    installed = distributions()
    clash = "; ".join(f"{one.what}; {one.hint}" for one in find_clash("this environment", installed))
    version = installed.get(CLIENT)
    found = [Found("packages of this environment", clash or None)]
    if version is None:
        found.append(Found(f"{CLIENT} is not in it: what runs in it has its Spark here, or where SPARK_REMOTE says"))
    else:
        found.append(Found(f"{CLIENT} {version} is in it"))
    return (*found, *databricks.examine(root)[1], *databricks.reach())
