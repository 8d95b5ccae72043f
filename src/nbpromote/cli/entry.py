"""Where the command begins. It imports next to nothing: a run is carried out where all of it is imported already."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `nbpromote` with these words (those of the process when None).

    Returns:
        The exit code: 0 done, 1 refused or failed, 2 called with words that do not fit, 130 interrupted.
    """
    if arguments is None and sys.argv[1:2] == ["run"] and sys.platform.startswith("linux"):
        from nbpromote.cli.terminal import print_error
        from nbpromote.effects.kernels.warm.commands import CommandLost, carried_out

        try:
            code = carried_out("nbpromote.cli.staying", sys.argv)
        except CommandLost as error:
            print_error(str(error))
            return error.exit_code
        if code is not None:
            return code
    from nbpromote.cli.commands import call

    return call(arguments)
