"""ruff, asked about a text; it reads what it is given, and writes nothing."""

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from nbpromote.analysis.code_view import Remark
from nbpromote.analysis.facts import Span

_SELECTED = "F501,F502,F503,F504,F505,F506,F507,F508,F509,F521,F522,F523,F524,F601,F632,F811,E711,B006,B023,PLE,PLW0127"
# Code at the top level of a notebook may await.
_IGNORED = "PLE1142"
_SECONDS = 20
# These fixes change what is computed: `is` becomes `==`.
_CHANGING = frozenset({"F632", "E711"})


def lint(source: str) -> tuple[Remark, ...]:
    """What ruff says of this Python; nothing when ruff is missing, or cannot read it."""
    program = _program()
    if program is None:
        return ()
    command = [program, "check", "--isolated", "--no-cache", "--quiet", "--exit-zero", "--output-format", "json"]
    options = ["--select", _SELECTED, "--ignore", _IGNORED, "--stdin-filename", "notebook.py", "-"]
    text = source.encode("utf-8", "replace")
    try:
        done = subprocess.run([*command, *options], input=text, capture_output=True, timeout=_SECONDS, check=False)
        return tuple(_remark(each) for each in json.loads(done.stdout) if each["code"] and each["code"][0].isupper())
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return ()


@cache
def _program() -> str | None:
    """ruff of this environment, else of the path."""
    beside = Path(sys.executable).with_name("ruff.exe" if sys.platform == "win32" else "ruff")
    return str(beside) if beside.is_file() else shutil.which("ruff")


def _remark(document: Any) -> Remark:
    start, end = document["location"], document["end_location"]
    span = Span(start["row"], start["column"] - 1, end["row"], end["column"] - 1)
    # Lines of the text that ruff was given are no lines of the notebook.
    message = re.sub(r" from line \d+", "", document["message"].split("\n")[0].rstrip("."))
    return Remark(document["code"], message, span, _edit(document))


def _edit(document: Any) -> tuple[Span, str] | None:
    fix = document.get("fix")
    if not fix or fix["applicability"] != "safe" or len(fix["edits"]) != 1 or document["code"] in _CHANGING:
        return None
    (edit,) = fix["edits"]
    start, end = edit["location"], edit["end_location"]
    return Span(start["row"], start["column"] - 1, end["row"], end["column"] - 1), edit["content"]
