"""What the commands share when they print: consoles, and text from notebooks made harmless."""

import io
import os
import re
import sys
from functools import cache
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# Colour codes of tracebacks and progress bars first, whole; then every other control character but tab and newline,
# and the bidirectional overrides that can make a line read as what it is not (CVE-2021-42574).
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Bytes of a file's name that are not UTF-8; one of them, 0x9B, begins an escape sequence in some terminals.
_BYTES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """This text without what could move the cursor, recolour or forge lines in a terminal."""
    return _BYTES.sub("\ufffd", _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n"))))


def counted(number: int, noun: str) -> str:
    """So many of something: "1 file", "2 files"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def is_coloured(stream: IO[str]) -> bool:
    """Whether colour is welcome on this stream (a terminal, and https://no-color.org is not asked for)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_error(message: str) -> None:
    """Print `error: ...` on stderr, in red when it is a terminal."""
    label = "\x1b[1;31merror:\x1b[0m" if is_coloured(sys.stderr) else "error:"
    print(label, clean(message), file=sys.stderr)


def clear_line() -> None:
    """Wipe what a terminal shows of `^C` or of a half-drawn progress line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()


@cache
def out() -> "Console":
    """The console for what a command answers: stdout, as wide as the terminal, plain when piped."""
    return _console(to_stderr=False)


@cache
def err() -> "Console":
    """The console for how the work goes: stderr."""
    return _console(to_stderr=True)


def _console(*, to_stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:  # closed by who called
        return Console(file=io.StringIO(), width=160)
    wide = None if stream.isatty() or "COLUMNS" in os.environ else 160
    return Console(stderr=to_stderr, highlight=False, markup=False, emoji=False, width=wide, soft_wrap=False)
