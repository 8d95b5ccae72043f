"""Code that every kernel runs before and after the notebook, outside of it."""

from pathlib import Path

from nbpromote import proof

OBSERVER = Path(proof.__file__).parent / "observer"

_PREPARE = """\
def _nbpromote_prepare():
    import importlib.util, sys
    spec = importlib.util.spec_from_file_location(
        "_nbpromote_observer", {init!r}, submodule_search_locations=[{folder!r}]
    )
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    importlib.import_module(spec.name + ".drawing").veil()
    try:
        from commonlib.session import prepare_environment
    except ModuleNotFoundError:
        return
    prepare_environment()
_nbpromote_prepare()
del _nbpromote_prepare
"""
PREPARE = _PREPARE.format(init=str(OBSERVER / "__init__.py"), folder=str(OBSERVER))


# ipykernel terminates its children before it ends, and waits up to ten seconds for a JVM that clears its folders first
# (ipykernel 7.4, `_progressively_terminate_all_children`). A Spark that ends itself costs a second.
FINISH = """\
def _nbpromote_finish():
    import sys
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
