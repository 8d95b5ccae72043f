"""Which places of the disk a proof leaves to the notebook, and which hold what was there before it."""

import os
import sys
import tempfile
import time


class Places:
    """`folder` is where the observer keeps what it sees; beside it lies all that belongs to the proof.

    `is_frozen` while nothing at all may be written: a function is tried out.
    """

    def __init__(self, folder: str) -> None:
        self.began = time.time()
        self.is_frozen = False
        self.own = os.path.realpath(os.path.dirname(folder))
        kernel = os.path.dirname(os.environ.get("IPYTHONDIR", ""))
        roots = [self.own, kernel, sys.prefix, sys.base_prefix, "/dev", "/proc", "/sys"]
        self._free = tuple(os.path.realpath(root) + os.sep for root in roots if root)
        self._temporary = os.path.realpath(tempfile.gettempdir()) + os.sep
        self._home = os.path.expanduser("~") + os.sep

    def is_free(self, path: str) -> bool:
        """Whether this is the proof's own, the interpreter's, or a cache in a hidden folder of the user's home."""
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if real.startswith(self._free) or f"{os.sep}__pycache__{os.sep}" in real:
            return True
        hidden = self._home + "."
        return real.startswith(hidden) and not os.path.realpath(os.getcwd()).startswith(hidden)

    def is_scratch(self, path: str) -> bool:
        """Whether a library may write here as it likes: free, or a temporary file that nobody had before."""
        return self.is_free(path) or (os.path.realpath(path).startswith(self._temporary) and not self.was_there(path))

    def was_there(self, path: str) -> bool:
        """Whether this file or folder is older than the proof."""
        try:
            return os.lstat(path).st_mtime < self.began
        except OSError:
            return False
