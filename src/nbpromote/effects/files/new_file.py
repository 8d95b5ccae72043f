"""Files that are written once and never over another one."""

from pathlib import Path

from nbpromote.errors import NbpromoteError


class FileIsThere(NbpromoteError):
    """A file would be written over another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: is there already; name another file with -o, or remove it")


def write_new(path: Path, content: bytes) -> None:
    """Write a new file, whole.

    Raises:
        FileIsThere: something has that name.
    """
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
            except OSError:
                path.unlink()
                raise
    except FileExistsError as error:
        raise FileIsThere(path) from error
