"""Code that every kernel runs before and after the notebook, outside of it."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbpromote import proof
from nbpromote.notebook import Format, Notebook
from nbpromote.running.r_parameters import text as r_text

_SECRET_SETTING = re.compile(r"secret|passw|token|credential|access[._]?key|account[._]?key|sas[._]", re.IGNORECASE)
_OF_ONE_SESSION = {
    f"spark.{name}"
    for name in ("app.id", "app.startTime", "app.submitTime", "driver.host", "driver.port", "app.initial")
}
# How a Spark is watched and reached says nothing of what it computes.
_ABOUT_ITSELF = (
    "spark.connect.", "spark.ui.", "spark.sql.ui.", "spark.sql.artifact.", "spark.plugins", "spark.app.name",
)  # fmt: skip
_TEMPORARY = re.compile(r"/[^\s\"':]*/commonlib-spark-[\w-]+")

OBSERVER = Path(proof.__file__).parent / "observer"

# ipykernel 7.4 closes the socket that its control thread may still write to, and then waits for that thread for ever.
# Its `quit()` and `exit()` only ask a frontend to end it, and the cells after them would run.
_PREPARE = """\
def _nbpromote_end_in_order():
    import atexit
    from ipykernel.kernelapp import IPKernelApp
    control = IPKernelApp.instance().control_thread if IPKernelApp.initialized() else None
    def end():
        if control.is_alive():
            control.stop()
            control.join(5)
    if control is not None:
        atexit.register(end)
def _nbpromote_leave():
    raise SystemExit(0)
def _nbpromote_prepare():
    import importlib.util, sys
    spec = importlib.util.spec_from_file_location(
        "_nbpromote_observer", {init!r}, submodule_search_locations=[{folder!r}]
    )
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    importlib.import_module(spec.name + ".drawing").veil()
    _nbpromote_end_in_order()
    get_ipython().ask_exit = _nbpromote_leave
    try:
        from commonlib.session import prepare_environment
    except ModuleNotFoundError:
        return
    prepare_environment()
_nbpromote_prepare()
del _nbpromote_prepare, _nbpromote_end_in_order, _nbpromote_leave
"""
# IRkernel only asks its frontend to end it, and runs on; here `quit()` ends the run, and with a status it has failed.
PREPARE_R = """\
local({
  leave <- function(save = "default", status = 0, runLast = TRUE) {
    if (status != 0) stop(sprintf("quit(status = %s)", status), call. = FALSE)
    receipt <- list("application/vnd.commonlib.receipt+json" = list(kind = "exit"), "text/plain" = "exit")
    IRdisplay::publish_mimebundle(receipt)
    stop("the run ends here", call. = FALSE)
  }
  attach(list(quit = leave, q = leave), name = "nbpromote", warn.conflicts = FALSE)
})
"""
PREPARE = _PREPARE.format(init=str(OBSERVER / "__init__.py"), folder=str(OBSERVER))


# ipykernel terminates its children before it ends, and waits up to ten seconds for a JVM that clears its folders first
# (ipykernel 7.4, `_progressively_terminate_all_children`). A Spark that ends itself costs a second. And one end in a
# hundred waits for what is printed to be sent by a thread that has ended meanwhile, also for ten seconds.
_FINISH = """\
def _nbpromote_finish():
    import json, sys
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "flush_timeout"):
            stream.flush_timeout = 0.5
    sessions = [
        getattr(sys.modules.get(name), "SparkSession", None) for name in ("pyspark.sql", "pyspark.sql.connect.session")
    ]
    for kind in sessions:
        try:
            spark = kind and kind.getActiveSession()
            if spark is not None:
                found = {"version": spark.version, **(spark.conf.getAll if hasattr(spark.conf, "getAll") else {})}
                print(json.dumps({"spark": {key: str(value) for key, value in found.items()}}))
                if "connect" in kind.__module__:
                    spark.stop()  # or the server would keep what the session holds
                break
        except Exception:
            pass
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    gateway = getattr(context, "_gateway", None)
    if gateway is None:
        return
    try:
        if context._active_spark_context is not None:
            context._active_spark_context.stop()
        gateway.shutdown()
        if getattr(gateway, "proc", None) is not None:
            gateway.proc.stdin.close()
            gateway.proc.wait(5)
    except Exception:
        pass
_nbpromote_finish()
"""
# A namespace of its own: in the notebook's, `filter` or `str` may be anything (`from pyspark.sql.functions import *`).
FINISH = f"__import__('builtins').exec({_FINISH!r}, {{}})"


# What notebooks of Databricks find there without an import.
DBUTILS = """\
def _nbpromote_dbutils(names):
    try:
        from commonlib.dbutils import dbutils
        names.setdefault("dbutils", dbutils)
{own}
    except ImportError:
        return
_nbpromote_dbutils(get_ipython().user_ns)
del _nbpromote_dbutils
"""
_OWN_NAMES = """\
        from commonlib.showing import display, displayHTML
        names.update(display=display, displayHTML=displayHTML)
        dbutils.widgets.give({given!r})
"""
_SESSION = """\
        from commonlib.session import get_spark
        names["spark"] = get_spark("notebook")
"""


def dbutils_of(notebook: Notebook, widgets: Mapping[str, object] | None = None) -> str:
    """Code that gives a notebook what it finds on Databricks without an import: `dbutils` when it leaves notebooks or
    calls them by it, and in a notebook that is Databricks' own, with the values of its `widgets`, all else."""
    sources = "\n".join(cell.source for cell in notebook.code_cells)
    is_own = notebook.format in {Format.DATABRICKS_SOURCE, Format.DATABRICKS_IPYNB}
    if not is_own and "dbutils.notebook" not in sources:
        return ""
    own = _OWN_NAMES.format(given=dict(widgets or {})) if is_own else ""
    own += _SESSION if is_own and re.search(r"\bspark\b", sources) else ""
    return DBUTILS.format(own=own)


_OWN = frozenset({
    "class_archive", "databricks_connect", "dbutils", "ending", "errors", "exit_run", "ingest", "java", "java_home",
    "lake", "laws", "parameters", "receipts", "recorded", "session", "showing", "tuned_start", "validation",
})  # fmt: skip
_FROM_COMMONLIB = re.compile(r"^\s*(?:from commonlib import ([\w ,]+)|(?:from|import) commonlib\.(\w+))", re.MULTILINE)


def stepping_clock(sources: Iterable[str]) -> str:
    """Code that lets the clock step for a notebook of these sources, and for the functions that moved out of it."""
    found = {
        name.split()[0]
        for many, one in _FROM_COMMONLIB.findall("\n".join(sources))
        for name in (one or many).split(",")
        if name.strip()
    }
    modules = sorted(f"commonlib.{name}" for name in found - _OWN)
    return f"__import__('importlib').import_module('_nbpromote_observer.clock').start({modules!r})\n"


def hand_over(secrets: Mapping[str, str], *, is_python: bool) -> str:
    """Code that binds these names to these secrets, and keeps them out of pictures."""
    if not is_python:
        return "".join(f"`{name}` <- {r_text(value)}\n" for name, value in secrets.items())
    veil = f"__import__('sys').modules['_nbpromote_observer.drawing'].veil({dict(secrets)!r})\n"
    return veil + "".join(f"{name} = {value!r}\n" for name, value in secrets.items())


def spark_settings(said: str) -> dict[str, str]:
    """Version and settings of the Spark session that `FINISH` told of: without secrets, and the same for the same."""
    for line in said.splitlines():
        if not line.startswith('{"spark":'):
            continue
        try:
            found = json.loads(line)["spark"]
        except ValueError:
            continue
        return {
            name: "<secret>" if _SECRET_SETTING.search(name) else _TEMPORARY.sub("<temporary>", value)
            for name, value in found.items()
            if name not in _OF_ONE_SESSION and not name.startswith(_ABOUT_ITSELF)
        }
    return {}
