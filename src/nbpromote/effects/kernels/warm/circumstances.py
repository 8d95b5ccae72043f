"""Where the process that stays is found: a private folder, one for all that a fork takes over from its parent."""

import hashlib
import json
import os
import resource
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nbpromote.effects.kernels import zygote
from nbpromote.errors import NbpromoteError

IDLE_SECONDS = 900.0
OFF = "NBPROMOTE_WARM"  # 0 turns it off; a number of seconds is how long it stays without use
_SOCKET_PATH_LIMIT = 100  # of the 107 bytes that a Unix socket's path may have (unix(7))
# What an interpreter and the libraries read as they start, so that a fork cannot be told it afterwards.
_READ_AT_START = (
    "PYTHON", "LD_", "LC_", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NPY_", "NUMPY_", "ARROW_", "MALLOC_", "GRPC_",
    "MPL", "MATPLOTLIB", "GLIBC_", "PANDAS_", "SSL_", "PROTOCOL_BUFFERS_", "KMP_", "GOTO_", "BLIS_", "CUDA_",
)  # fmt: skip
_READ_AT_START_TOO = {
    "LANG",
    "LANGUAGE",
    "TZ",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYSPARK_PIN_THREAD",
    "SPARK_CONNECT_LOG_LEVEL",
    "IPY_TEST_SIMPLE_PROMPT",
}
_NEEDED = ("PATH", "HOME", "USER", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")

PROGRAM = Path(zygote.__file__).parent


class NotWarm(NbpromoteError):
    """There is nothing warm to be had. What was wanted is started afresh."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"nothing warm: {reason}")


def start_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment the process itself is started with."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or (is_read_at_start(name) and name != "PYTHONPATH")
    }


def idle_seconds(environment: Mapping[str, str]) -> float:
    """How long it stays without use; 0 for not at all."""
    try:
        return float(environment.get(OFF) or IDLE_SECONDS)
    except ValueError:
        return IDLE_SECONDS


def folder(environment: Mapping[str, str], further: str = "") -> Path:
    """Where the process for these circumstances is found; `further` ones are told apart by the end of its name.

    Raises:
        NotWarm: it is turned off, or there is no private folder for it.
    """
    if not sys.platform.startswith("linux"):
        raise NotWarm("only Linux forks what has loaded so many libraries")
    if idle_seconds(environment) <= 0:
        raise NotWarm(f"{OFF} turns it off")
    place = base() / f"{hashlib.sha256(json.dumps(_circumstances(environment)).encode()).hexdigest()[:16]}{further}"
    if len(os.fsencode(place / "socket")) > _SOCKET_PATH_LIMIT:
        raise NotWarm(f"{place} is too long a name for a socket")
    try:
        for one in (place.parent, place):
            one.mkdir(mode=0o700, exist_ok=True)
            found = one.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise NotWarm(f"{one} is not private")
    except OSError as error:
        raise NotWarm(f"{error.filename}: {error.strerror}") from error
    return place


def base() -> Path:
    """The folder of all of this user."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"nbpromote-{os.getuid()}"


def _circumstances(environment: Mapping[str, str]) -> list[object]:
    """All that a fork takes over from its parent and a fresh kernel from its runner: where one differs, so do they."""
    read = sorted((key, value) for key, value in environment.items() if is_read_at_start(key) and key != "PYTHONPATH")
    spaces = [_link(f"/proc/self/ns/{one}") for one in ("mnt", "net", "pid", "user", "ipc", "uts", "cgroup")]
    limits = [
        resource.getrlimit(one)
        for one in sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")})
    ]
    lines = Path("/proc/self/status").read_text().splitlines()
    of_process = ("Umask", "Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp:", "Cpus_allowed_list")
    kept = [line for line in lines if line.startswith(of_process)]
    packages = [
        (one, os.stat(one).st_mtime_ns)  # noqa: PTH116
        for one in sys.path
        if Path(one).name in {"site-packages", "dist-packages"} and Path(one).is_dir()
    ]
    program = b"".join(one.read_bytes() for one in sorted(PROGRAM.glob("*.py")))
    own = (sys.executable, sys.version, hashlib.sha256(program).hexdigest(), os.nice(0))
    return [own, read, spaces, limits, kept, packages, Path("/proc/self/cgroup").read_text()]


def is_read_at_start(name: str) -> bool:
    """Whether an interpreter, or a library, reads this variable as it starts."""
    return name.startswith(_READ_AT_START) or name in _READ_AT_START_TOO


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""
