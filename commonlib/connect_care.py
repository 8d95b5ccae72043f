"""What a Spark Connect server that stays does for its sessions: closes those of a user who is gone, and what they left.

Frames that a session keeps in memory (`cache`) are its server's, stay when it ends, and are given to all that ask for
the same: of files that changed since, the old rows. They go when no session is left that may use them.

Spark 4.3 keeps a Python daemon, and a thread that watches it, for each session that ran Python on its workers, for as
long as it runs (`SparkEnv.pythonWorkers` has one factory for each artifact session). The daemons are ended here; the
threads, and a heap that does not become free again, are what a server is worn out by.
"""

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

_DAEMON = "pyspark.daemon"
_OF_SESSION = "SPARK_JOB_ARTIFACT_UUID="
_MOST_DAEMONS = 100
_MOST_OF_HEAP = 0.6  # after a collection, and with no session


class Care:
    """Looks after one server, from its driver's Python.

    Args:
        jvm: py4j's view of its Java.
        manager: its SparkConnectSessionManager.
        java: the process of it.
    """

    def __init__(self, jvm: Any, manager: Any, java: int) -> None:
        self._jvm, self._manager, self._java = jvm, manager, java
        self._ended = 0

    def release(self, user: str) -> None:
        """Close all sessions of a user, and end the daemons of sessions that are closed."""
        for session in self._sessions():
            if session.userId() == user:
                self._manager.closeSession(session.key(), False)
        live = {str(session.serverSessionId()) for session in self._sessions()}
        if not live:
            self._jvm.org.apache.spark.sql.classic.SparkSession.getDefaultSession().get().catalog().clearCache()
        for daemon, of in _daemons(self._java):
            if of not in live:
                with contextlib.suppress(OSError):
                    os.kill(daemon, signal.SIGTERM)  # which ends its workers
                    self._ended += 1

    @property
    def worn(self) -> str:
        """Why no more sessions should come; nothing when they may."""
        if self._ended >= _MOST_DAEMONS:
            return f"{self._ended} sessions ran Python on workers"
        for pool in self._jvm.java.lang.management.ManagementFactory.getMemoryPoolMXBeans():
            used = pool.getCollectionUsage()
            if pool.getName() == "Tenured Gen" and used is not None and used.getMax() > 0:
                share = used.getUsed() / used.getMax()
                if share > _MOST_OF_HEAP and not self._sessions():
                    return f"{share:.0%} of its memory stays in use"
        return ""

    def _sessions(self) -> list[Any]:
        found = self._manager.listActiveSessions()
        return [found.apply(place) for place in range(found.size())]


def _daemons(java: int) -> list[tuple[int, str]]:
    """Spark's Python daemons below this process, each with the session that it is of."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) != java or _DAEMON not in (folder / "cmdline").read_text().split("\0"):
                continue
            words = (folder / "environ").read_text(errors="replace").split("\0")
            own = next((word.removeprefix(_OF_SESSION) for word in words if word.startswith(_OF_SESSION)), "")
            if own:
                found.append((int(folder.name), own))
    return found
