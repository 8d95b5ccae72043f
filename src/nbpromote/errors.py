"""What nbpromote refuses to do, as exceptions that build their own message.

The core raises; only `nbpromote.cli` catches, prints and chooses the exit code.
"""


class NbpromoteError(Exception):
    """Something was refused or failed. The message says where, what is wrong, and what to do next."""

    exit_code = 1


class UsageError(NbpromoteError):
    """The command was called with words that do not fit."""

    exit_code = 2


class UnreadableNotebook(NbpromoteError):
    """A file that cannot be read as a notebook."""

    def __init__(self, path: str, reason: str, hint: str) -> None:
        self.path, self.reason, self.hint = path, reason, hint
        super().__init__(f"{path}: {reason}; {hint}")
