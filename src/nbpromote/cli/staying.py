"""The process that stays for commands: what it imports, and how a fork of it carries one out."""

import importlib
import io
import signal
import sys
from typing import Any

from nbpromote.effects.kernels.warm.commands import ASKED, code
from nbpromote.effects.kernels.zygote.becoming import Forked, end, take_over

# A run without one of these is a run that imports it itself.
_NEEDED = (
    "nbpromote.cli.run", "nbpromote.cli.run_progress", "nbpromote.cli.run_text", "nbpromote.cli.run_many",
    "nbpromote.effects.running.runs", "nbpromote.effects.running.batches", "nbpromote.effects.running.ranges",
    "nbpromote.effects.running.parameter_files", "nbpromote.effects.kernels.limits", "nbpromote.running.batch",
    "rich.console",
)  # fmt: skip


class Commands:
    """Forks that carry out one command each."""

    asked = ASKED

    def __init__(self) -> None:
        self._code = ""

    def begin(self) -> None:
        """Import what a run needs, and parse and make an example of what compiles much."""
        self._code = code()
        for name in _NEEDED:
            importlib.import_module(name)
        from nbpromote.cli.commands import command_of
        from nbpromote.notebook import parse
        from nbpromote.publish.page import prepare

        command_of("run").make_context("run", ["n.py", "-p", "n=1"])
        parse(b"# %%\n1\n", "n.py")
        prepare()

    def refusal(self, request: dict[str, Any]) -> str | None:
        """Another state of the code is not here."""
        return None if request["code"] == self._code else "it has other code"

    def become(self, forked: Forked) -> None:
        """Carry it out; does not come back."""
        request = forked.request
        take_over(request, forked.fds)
        for number in request["ignored"]:
            signal.signal(number, signal.SIG_IGN)
        sys.argv = request["argv"]
        sys.stdin, sys.stdout, sys.stderr = _streams()
        sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
        end(frozenset(sys.modules), _carried_out())


KIND = Commands()


def _streams() -> tuple[io.TextIOWrapper, io.TextIOWrapper, io.TextIOWrapper]:
    """Standard files as an interpreter makes them, for it has made them of others."""
    made = []
    for fd, old in enumerate((sys.__stdin__, sys.__stdout__, sys.__stderr__)):
        assert isinstance(old, io.TextIOWrapper)
        raw: Any = open(fd, "rb" if fd == 0 else "wb", buffering=-1, closefd=False)  # noqa: SIM115
        is_prompt = fd == 2 or raw.isatty()
        text = io.TextIOWrapper(raw, old.encoding, old.errors, "\n" if fd else None, is_prompt, old.write_through)
        made.append(text)
    return made[0], made[1], made[2]


def _carried_out() -> int:
    from nbpromote.cli.commands import call

    try:
        ended = call(sys.argv[1:])
    except BaseException:
        sys.excepthook(*sys.exc_info())
        ended = 1
    try:
        sys.stdout.flush()
    except OSError:  # nobody reads it, and an interpreter says so
        ended = ended or 120
    return ended & 0xFF
