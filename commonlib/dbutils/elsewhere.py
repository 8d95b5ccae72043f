"""`dbutils` outside of Databricks."""

from typing import Any, NoReturn

from commonlib.dbutils.files import Files
from commonlib.dbutils.notebooks import Notebook
from commonlib.dbutils.secrets import Secrets
from commonlib.dbutils.widgets import Widgets
from commonlib.errors import CommonlibError

_FOR = {
    "library": "installs packages into a cluster; the environment does that",
    "data": "summarizes a frame for the eye; use frame.summary()",
    "credentials": "changes the rights of a cluster; there is no cluster here",
    "preview": "holds what Databricks tries out; it exists there only",
    "fs.mount": "ties a bucket to a workspace; name the lake with LAKE_ROOT",
    "fs.unmount": "unties a bucket from a workspace; name the lake with LAKE_ROOT",
    "fs.mounts": "lists the buckets of a workspace; name the lake with LAKE_ROOT",
    "fs.refreshMounts": "asks all machines of a cluster to mount again; there is no cluster here",
    "fs.updateMount": "changes what is tied to a workspace; name the lake with LAKE_ROOT",
    "notebook.getContext": "tells of the workspace and the job; there is none here",
}


class NotOnDatabricks(CommonlibError, NotImplementedError):
    """Something of `dbutils` that only a workspace has."""

    def __init__(self, name: str) -> None:
        self.name = name
        why = _FOR.get(name, "exists on Databricks only")
        super().__init__(f"dbutils.{name} {why}")


class _Part:
    """A part of `dbutils`: what it lacks, it says."""

    def __init__(self, name: str, inner: object) -> None:
        self._name, self._inner = name, inner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if hasattr(self._inner, name):
            return getattr(self._inner, name)
        _lacks(f"{self._name}.{name}")


class TaskValues:
    """What tasks of a job hand to each other; here, within one run."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}

    def set(self, key: str, value: object) -> None:
        """Keep a value."""
        self._values[key] = value

    def get(self, taskKey: str, key: str, default: object = None, debugValue: object = None) -> object:  # noqa: N803
        """The value; outside of a job Databricks gives `debugValue`, too."""
        if key in self._values:
            return self._values[key]
        if debugValue is not None:
            return debugValue
        if default is not None:
            return default
        raise ValueError(f"no task has set {key!r} (asked of {taskKey!r}); give a debugValue for runs outside of a job")


class _Jobs:
    def __init__(self) -> None:
        self.taskValues = TaskValues()


class Elsewhere:
    """`dbutils`, without a workspace."""

    def __init__(self) -> None:
        self.widgets = _Part("widgets", Widgets())
        self.notebook = Notebook()
        self.fs = _Part("fs", Files())
        self.secrets = _Part("secrets", Secrets())
        self.jobs = _Part("jobs", _Jobs())

    def getArgument(self, name: str, defaultValue: object = None) -> str:  # noqa: N802, N803
        """The old way to ask a widget."""
        value: str = self.widgets.getArgument(name, defaultValue)
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _lacks(name)


def _lacks(name: str) -> NoReturn:
    raise NotOnDatabricks(name)
