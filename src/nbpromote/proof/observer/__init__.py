"""What watches a notebook from inside its kernel during a proof.

The kernel loads this package from its folder under a name of its own, so it imports nothing of nbpromote, and of other
libraries only what the notebook itself has imported. What it sees it keeps as files in a folder, with `evidence.json`
as their table of contents.
"""

from typing import Any

_observers: list[Any] = []


def start(settings: dict[str, Any]) -> None:
    """Begin to watch the notebook of this kernel."""
    from IPython import get_ipython

    from .observing import Observer  # the tool itself only asks this package which texts are secrets

    observer = Observer(get_ipython(), settings)
    _observers.append(observer)
    observer.start()


def finish() -> None:
    """Write down what was seen."""
    _observers[-1].finish()
