"""Make `.venv` what requirements.lock says, on a machine that has Python 3.11 and nothing of ours.

`make demo`, `make test` and the rest run this first. It needs the standard library only, runs on any Python 3 to be
able to say what is wrong, and answers at once when `.venv` stands. A set-up that was killed is begun anew by the next.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Optional, Sequence  # noqa: UP035  runs on older Pythons, to refuse them in one line

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".made-by-make"
LOG = VENV / "install.log"
VERSION = "3.11"
SPACE = {VENV: 1.4e9, "cache": 1.6e9}
INSTALL_PYTHON = 'on Debian or Ubuntu "sudo apt-get install python3.11 python3.11-venv"'
NO_NETWORK = re.compile(
    r"resolve|name resolution|dns error|connect error|error sending request|Connection refused|unreachable|timed out"
    r"|No matching distribution|Could not find a version|NewConnectionError|tunnel error|Failed to fetch",
    re.IGNORECASE,
)
STEP = re.compile(r"^\s*(Downloading|Downloaded|Building|Built|Prepared|Installed) ")


class Refused(Exception):
    """The environment cannot be made here; the message is the one line that says why and what to do."""


def main() -> int:
    """Make or repair `.venv` and return the exit code."""
    try:
        if stamp() == wanted():
            return 0
        with LOCK.open() as lock:
            wait_for(lock.fileno())
            if stamp() != wanted():
                make(lock.fileno())
        return 0
    except KeyboardInterrupt:
        return say("stopped; the same command begins again where it can", code=130)
    except Refused as refused:
        return say(str(refused))
    except OSError as error:
        return say(explain_os_error(error))


def make(lock: int) -> None:
    """Build the environment, and stamp it when every step is through.

    A stamp that differs but is whole means that the lock moved: what changed is synchronised. No whole stamp means that
    somebody was killed half-way: all is built anew, quickly, from uv's cache.
    """
    refuse_platform()
    python = find_python()
    refuse_full_disk()
    start = time.monotonic()
    is_whole = stamp() not in (None, "building") and (VENV / "bin" / "python").exists()
    if VENV.is_symlink() or (VENV.exists() and any(VENV.iterdir()) and not STAMP.exists()):
        raise Refused(f"{VENV} was not made by this Makefile, so it is left alone; move it away and call again")
    if VENV.exists() and not is_whole:
        shutil.rmtree(VENV)
    VENV.mkdir(exist_ok=True)
    STAMP.write_text("building")
    LOG.write_text("")
    print(f"setting up {VENV} from requirements.lock (log: {LOG.relative_to(ROOT)})", flush=True)
    if not is_whole:
        pip = make_venv(python, lock)
        install_uv(pip, lock)
    uv = [str(VENV / "bin" / "uv"), "pip"]
    target = ["--python", str(VENV / "bin" / "python")]
    environ = uv_environ(python)
    # pyspark is a source archive: its build takes setuptools, and takes it from the same lock.
    # Compiled once here: every kernel imports much, also where Python is told not to keep what it compiles.
    options = ["--require-hashes", "--compile-bytecode", "--build-constraints", str(LOCK)]
    sync = [*uv, "sync", *target, *options, str(LOCK)]
    run("install what is locked", sync, lock, environ)
    project = ["install", *target, "--no-deps", "--no-build-isolation", "--offline", "--editable", str(ROOT)]
    run("install nbpromote", [*uv, *project], lock, environ)
    with contextlib.suppress(Refused):  # Spark then starts as ever, for twice the work
        archive = [str(VENV / "bin" / "python"), "-m", "commonlib.class_archive"]
        run("make an archive of Spark's classes, so that it starts in half the time", archive, lock)
    finished = STAMP.with_suffix(".new")
    finished.write_text(wanted())
    finished.replace(STAMP)
    print(f"the environment stands, after {time.monotonic() - start:.0f} s", flush=True)


def wanted() -> str:
    """What the stamp says when `.venv` fits: the hash of all that it is made from, and of where it stands."""
    made_from = (LOCK, ROOT / "pyproject.toml", ROOT / "commonlib" / "class_archive.py")
    parts = [*(path.read_bytes() for path in made_from), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamp() -> Optional[str]:  # noqa: UP045
    """What the stamp says, or None where there is no environment of ours or its Python is gone."""
    return STAMP.read_text() if STAMP.exists() and (VENV / "bin" / "python").exists() else None


def refuse_platform() -> None:
    """Raise Refused where the locked packages have no files."""
    if os.name == "nt":
        raise Refused("Windows is supported through WSL only: run the same command in a WSL terminal")
    if sys.platform == "linux" and "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        raise Refused("this Linux has musl instead of glibc (Alpine?), for which the embedded Java is not made")
    if platform.machine() not in ("x86_64", "aarch64", "arm64"):
        raise Refused(f"no packages are made for {platform.machine()} processors; use a 64-bit x86 or ARM machine")


def find_python() -> str:
    """The path of a Python 3.11: $PYTHON, else this one, else the first that runs of those on the PATH.

    A pyenv shim may stand on the PATH and refuse to run; such are passed over.
    """
    asked = os.environ.get("PYTHON")
    seen: List[str] = []  # noqa: UP006
    for name in (
        [asked] if asked else [getattr(sys, "_base_executable", sys.executable), "python3.11", "python3", "python"]
    ):
        code = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"
        try:
            answer = subprocess.run([name, "-c", code], capture_output=True, text=True, check=True).stdout.split(
                None, 1
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        if answer[0] == VERSION:
            return answer[1].strip()
        seen.append(f"{name} is {answer[0]}")
    found = "; ".join(dict.fromkeys(seen)) or (f"{asked} does not run" if asked else "none runs")
    raise Refused(f"needs Python 3.11 ({found}): {INSTALL_PYTHON}, or name one: make PYTHON=/path/to/python3.11")


def refuse_full_disk() -> None:
    """Raise Refused where the environment and uv's cache would not fit."""
    needs: Dict[int, float] = {}  # noqa: UP006
    places: Dict[int, Path] = {}  # noqa: UP006
    for place, size in ((VENV, SPACE[VENV]), (cache(), SPACE["cache"])):
        here = next(path for path in (place, *place.parents) if path.exists())
        device = here.stat().st_dev
        needs[device] = needs.get(device, 0) + (0 if place.exists() and place != VENV else size)
        places.setdefault(device, here)
    for device, need in needs.items():
        free = shutil.disk_usage(places[device]).free
        if free < need:
            raise Refused(
                f"not enough room on the disk of {places[device]}: {free / 1e9:.1f} GB free, {need / 1e9:.1f} GB needed"
            )


def cache() -> Path:
    """The folder in which uv keeps what it has downloaded and built."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(os.environ.get("UV_CACHE_DIR") or Path(home) / "uv")


def make_venv(python: str, lock: int) -> List[str]:  # noqa: UP006
    """Make the empty environment and return a pip that installs into it.

    Debian splits ensurepip off into python3.11-venv; without it a pip of the system serves, if it is new enough (22.3).
    """
    own = [str(VENV / "bin" / "python"), "-m", "pip"]
    if succeeds([python, "-c", "import venv, ensurepip; ensurepip.version()"]):
        run("make a virtual environment", [python, "-m", "venv", str(VENV)], lock)
        return own
    others = [python, "-m", "pip", "--python", own[0]]
    if not succeeds([python, "-c", "import venv"]) or not succeeds([*others[:3], "--python", python, "--version"]):
        raise Refused(f"{python} has no venv module: {INSTALL_PYTHON}")
    run("make a virtual environment", [python, "-m", "venv", "--without-pip", str(VENV)], lock)
    return others


def install_uv(pip: Sequence[str], lock: int) -> None:
    """Install uv by pip, in the version and with the hashes that are locked."""
    block = re.search(r"^uv==.*?(?=^\S|\Z)", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    if block is None:
        raise Refused("BUG: requirements.lock does not lock uv; please report this")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
        only_uv.write(block.group())
        only_uv.flush()
        options = [
            "--require-hashes",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--disable-pip-version-check",
            "--retries",
            "2",
        ]
        run("install the installer (uv)", [*pip, "install", *options, "-r", only_uv.name], lock)


def uv_environ(python: str) -> Dict[str, str]:  # noqa: UP006
    """uv's environment variables: a company's mirror that pip is told of serves uv too."""
    environ = {"UV_LINK_MODE": "hardlink", **os.environ, "UV_NO_PROGRESS": "1"}
    if not any(name in environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        question = [python, "-m", "pip", "config", "get", "global.index-url"]
        index = subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()
        index = environ.get("PIP_INDEX_URL", index)
        if index:
            environ["UV_DEFAULT_INDEX"] = index
    return environ


def run(what: str, command: Sequence[str], lock: int, environ: Optional[Dict[str, str]] = None) -> None:  # noqa: UP006, UP045
    """Run one step, showing what it is at; its whole output goes to the log.

    The child inherits the lock, so that a set-up whose parent was killed is waited for, not raced.
    """
    print(f"  {what}", flush=True)
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n")
        start = LOG.stat().st_size
        child = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[lock],
        )
        assert child.stdout is not None
        for line in child.stdout:
            log.write(line)
            if STEP.match(line):
                print(f"    {line.strip()}", flush=True)
    if child.wait() != 0:
        raise Refused(explain_failure(what, LOG.read_text(errors="replace")[start:]))


def explain_failure(what: str, output: str) -> str:
    """The line, or where the cause is unknown the last lines, that say why a step failed."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return f"no room left on the disk while setting up {VENV}; free about 3 GB and call again"
    if re.search("hash(es)? (mismatch|do not match)", output, re.IGNORECASE):
        return f"a downloaded package does not have the hash that requirements.lock names; see {LOG}"
    if NO_NETWORK.search(output):
        return f"no network: the package index was not reached (behind a proxy, set HTTPS_PROXY); the log is {LOG}"
    last = "\n".join("  | " + line for line in output.splitlines()[-12:])
    return f"could not {what}:\n{last}\n  the whole log: {LOG}"


def explain_os_error(error: OSError) -> str:
    """One line for what the file system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no room left on the disk while setting up {VENV}; free about 3 GB and call again"
    return f"cannot set up {VENV}: {error.strerror}: {error.filename}"


def wait_for(lock: int) -> None:
    """Hold the lock on requirements.lock, after whoever holds it now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"another set-up of {VENV} is under way; waiting for it", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def succeeds(command: Sequence[str]) -> bool:
    """Whether the command exits with 0."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(message: str, *, code: int = 1) -> int:
    """Print the message as ours and pass the exit code on."""
    print(f"nbpromote: {message}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
