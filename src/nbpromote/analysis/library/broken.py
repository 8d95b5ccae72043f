"""Whether the specifications in a user's folder can be used, told before a notebook is read with them."""

from collections.abc import Iterator
from pathlib import Path

from nbpromote.analysis.library.catalogue import FOLDER, Library


def find_broken(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each specification in the folder that cannot be used, with the reason."""
    for path in sorted(folder.glob("*.toml")):
        try:
            library = Library((FOLDER,))
            library._index = {root: [path] for root in path.stem.split("+")}
            library._loaded.clear()
            for root in library._index:
                library.canonical(root)
        except OSError as error:
            yield path, f"it cannot be read ({error.strerror})"
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            yield path, str(error).removeprefix("BUG: ") or type(error).__name__
