"""Code that every kernel runs before and after the notebook, outside of it."""

PREPARE = """\
def _nbpromote_prepare():
    try:
        from commonlib.session import prepare_environment
    except ModuleNotFoundError:
        return
    prepare_environment()
_nbpromote_prepare()
del _nbpromote_prepare
"""


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
