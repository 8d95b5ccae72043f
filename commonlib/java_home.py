"""A private JAVA_HOME, through which Spark reaches the Java that was chosen.

Its `bin/java` adds what a configuration folder of ours asks for (`commonlib.class_archive`), and drops one argument
that PySpark 4 adds, `--add-modules=jdk.incubator.vector`. The embedded JDKs do not
start with it; where a Java does start with it, it prints a warning into the notebook, and linear algebra rounds
differently from that of a Java without it, so that results would depend on the machine's Java.
"""

import hashlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.java import Java, cache_folders, find_java

OPTIONS_FILE = "java-options"  # in a configuration folder of ours: words for the command line, one a line
_EMPTY = "empty"
_GONE_SINCE_24 = "        --add-opens=java.base/sun.security.action=ALL-UNNAMED) continue ;;\n"
_LAUNCHER = """\
#!/bin/sh
# Made by commonlib. Runs the Java below without the module jdk.incubator.vector.
left=$#
while [ "$left" -gt 0 ]; do
    argument=$1
    shift
    left=$((left - 1))
    case $argument in
        --add-modules)
            if [ "$left" -eq 0 ]; then
                set -- "$@" "$argument"
                break
            fi
            modules=,$1,
            shift
            left=$((left - 1))
            ;;
        --add-modules=*) modules=,${argument#--add-modules=}, ;;
        -cp)
            first=${1%%:*}
            options=${first%/}/OPTIONS_FILE
            if [ -n "$first" ] && [ -f "$options" ]; then
                # Classes from an archive: it takes a class path without a folder that has something in it.
                while read -r option; do
                    set -- "$@" "$option"
                done < "$options"
                shifted=EMPTY_FOLDER/${1#"$first"}
                shift
                left=$((left - 1))
                set -- "$@" "$argument" "$shifted"
            else
                set -- "$@" "$argument"
            fi
            continue
            ;;
SUPERFLUOUS        *)
            set -- "$@" "$argument"
            continue
            ;;
    esac
    case $modules in
        *,jdk.incubator.vector,*)
            modules=${modules%%,jdk.incubator.vector,*},${modules#*,jdk.incubator.vector,}
            ;;
    esac
    modules=${modules#,}
    modules=${modules%,}
    if [ -n "$modules" ]; then
        set -- "$@" "--add-modules=$modules"
    fi
done
exec REAL_JAVA "$@"
"""


def use_fit_java() -> Java:
    """Set JAVA_HOME to the Java that Spark is to use; say on stderr which were passed over, and why."""
    java, unfit = find_java(os.environ)
    os.environ["JAVA_HOME"] = str(private_home(java))
    if unfit:
        passed_over = "; ".join(map(str, unfit))
        print(
            f"commonlib: passed over a Java that Spark cannot use: {passed_over}; "
            f"using Java {java.version}, {java.executable}",
            file=sys.stderr,
        )
    return java


def private_home(java: Java) -> Path:
    """A JAVA_HOME that reaches this Java, in the user's cache folder or, where that is read-only, a temporary one.

    It holds one small script, put there in one step, so that any number of processes may ask for it at once, and an
    archive of classes when one was made.
    """
    script = _LAUNCHER.replace("REAL_JAVA", shlex.quote(str(java.executable)))
    # Opening a package that is gone since Java 24 prints a warning, and PySpark 4 does it for those before.
    script = script.replace("SUPERFLUOUS", _GONE_SINCE_24 if java.major >= 24 else "")
    script = script.replace("OPTIONS_FILE", OPTIONS_FILE)
    name = hashlib.sha256(script.encode()).hexdigest()[:16]
    for folder in cache_folders():
        launcher = folder / name / "bin" / "java"
        try:
            (folder / name / _EMPTY).mkdir(parents=True, exist_ok=True)
            _put(launcher, script.replace("EMPTY_FOLDER", shlex.quote(str(folder / name / _EMPTY))))
        except OSError:
            continue
        if os.access(launcher, os.X_OK):  # not so where the disk is mounted noexec
            return launcher.parent.parent
    raise CommonlibError(
        f"no folder to keep a small script in: neither {', nor '.join(map(str, cache_folders()))} can be written to "
        "and run from; set XDG_CACHE_HOME to one that can"
    )


def _put(launcher: Path, script: str) -> None:
    try:
        if launcher.read_text() == script and os.access(launcher, os.X_OK):
            return
    except (OSError, UnicodeDecodeError):
        pass
    launcher.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=launcher.parent, prefix=".java-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(script)
        Path(made).chmod(0o755)
        Path(made).replace(launcher)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
