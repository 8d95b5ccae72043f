"""Trying something out in a notebook's kernel, so that the notebook does not notice."""

import contextlib
import random
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def unnoticed() -> Iterator[None]:
    """Try something out: what it shows is not shown, and random numbers go on as if it had not been."""
    from IPython.utils.capture import capture_output

    numpy = sys.modules.get("numpy")
    state, numpys = random.getstate(), numpy.random.get_state() if numpy is not None else None
    try:
        with capture_output():
            yield
    finally:
        random.setstate(state)
        if numpy is not None:
            numpy.random.set_state(numpys)
