"""A Spark Connect server on this machine, with the tuned start, for as long as its standard input is open.

    SPARK_CONNECT_AUTHENTICATE_TOKEN=... python -m commonlib.connect_server

It listens on a free port of the loopback, asks for the token, and says where it is in a line of JSON. Sessions are
apart from each other; each has artifacts (modules, files) of its own. Who holds its input says with a line
`{"release": USER}` that all of a user's sessions are over; it says `{"worn": WHY}` when another should take the next.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from commonlib.connect_care import Care
from commonlib.errors import CommonlibError
from commonlib.session import get_spark

if TYPE_CHECKING:
    import subprocess

SETTINGS: Mapping[str, str] = {
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    # A notebook may do without Spark for hours; what it leaves behind goes as it ends.
    "spark.connect.session.manager.defaultSessionTimeout": "1d",
    # An error says what it says on a session of one's own, without where in Java it came up.
    "spark.sql.connect.serverStacktrace.enabled": "false",
    "spark.sql.artifact.isolation.enabled": "true",
    "spark.sql.artifact.isolation.alwaysApplyClassloader": "true",
    # What it remembers of jobs that are done is shown to nobody.
    **{
        f"spark.{name}": "20"
        for name in (
            "ui.retainedJobs",
            "ui.retainedStages",
            "ui.retainedTasks",
            "ui.retainedDeadExecutors",
            "sql.ui.retainedExecutions",
            "connect.ui.retainedSessions",
            "connect.ui.retainedStatements",
        )
    },
}


def main() -> int:
    """Serve until nobody holds the other end of standard input."""
    if not os.environ.get("SPARK_CONNECT_AUTHENTICATE_TOKEN"):
        print("set SPARK_CONNECT_AUTHENTICATE_TOKEN: whoever knows it may run code here as you", file=sys.stderr)
        return 2
    os.environ.pop("SPARK_REMOTE", None)
    try:
        spark = get_spark("connect server", config=SETTINGS)
    except CommonlibError as error:
        print(error, file=sys.stderr)
        return 1
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    # A Scala object's method, which has no static forwarder (Spark 4.3).
    service = getattr(getattr(jvm.org.apache.spark.sql.connect.service, "SparkConnectService$"), "MODULE$")
    port = service.server().getPort()
    gateway: Any = spark.sparkContext._gateway
    care = Care(jvm, service.sessionManager(), gateway.proc.pid)
    threading.Thread(target=_end_with, args=(gateway.proc,), daemon=True).start()
    print(json.dumps({"remote": f"sc://localhost:{port}", "version": spark.version}), flush=True)
    is_worn = False
    for line in sys.stdin:
        care.release(str(json.loads(line)["release"]))
        if not is_worn and (worn := care.worn):
            is_worn = True
            print(json.dumps({"worn": worn}), flush=True)
    spark.stop()
    return 0


def _end_with(java: "subprocess.Popen[bytes]") -> None:
    """End when Java does, as a shell would: with its exit code, or 128 and the signal that killed it."""
    code = java.wait()
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    sys.exit(main())
