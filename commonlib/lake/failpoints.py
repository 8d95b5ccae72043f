"""Named places at which a writer can be killed, so that tests prove what a crash leaves behind.

With LAKE_FAILPOINT=<name> in the environment the process kills itself with SIGKILL when it gets there. Standard
library only.
"""

import os
import signal

POINTS = ("attempt-begun", "data-half-written", "data-written", "data-sealed", "before-publish", "after-publish")


def reach(point: str) -> None:
    """Die here if the environment says so."""
    if os.environ.get("LAKE_FAILPOINT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
