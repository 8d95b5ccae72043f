"""Text notebooks that lie beside an .ipynb of their name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbpromote.effects import git
from nbpromote.effects.files.repository import Repository
from nbpromote.errors import UsageError
from nbpromote.notebook import pairing, read

_TEXT = (".py", ".r", ".R", ".md", ".qmd")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text notebook, its .ipynb, where they part (None: nowhere), and what to do then."""

    text: str
    notebook: str
    apart: str | None
    advice: str = ""


def find_pairs(repository: Repository, files: Iterable[Path] = ()) -> tuple[Pair, ...]:
    """The pairs of these files, of all that lie in the notebooks' folders when none is named."""
    named = list(files)
    for path in named:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file")
    if not named:
        folders = (repository.folder("adhoc"), repository.folder("production"))
        named = sorted(path for folder in folders for path in folder.rglob("*.ipynb"))
    both = {pair for path in named if (pair := _both(path)) is not None}
    return tuple(_judged(repository, text, notebook) for text, notebook in sorted(both))


def _both(path: Path) -> tuple[Path, Path] | None:
    notebook = path.with_suffix(".ipynb")
    texts = [path] if path.suffix in _TEXT else [path.with_suffix(suffix) for suffix in _TEXT]
    text = next((one for one in texts if one.is_file()), None)
    return (text, notebook) if text is not None and notebook.is_file() else None


def _judged(repository: Repository, text: Path, notebook: Path) -> Pair:
    names = repository.relative(text), repository.relative(notebook)
    apart = pairing.first_apart(read(text), read(notebook))
    return Pair(*names, apart, _advice(repository, *names) if apart is not None else "")


def _advice(repository: Repository, text: str, notebook: str) -> str:
    """What to do, by which of them is another than at the last commit."""
    try:
        moved = set(git.dirty_paths(repository.root, (text, notebook)))
    except git.GitFailed:
        moved = set()
    if moved == {notebook}:
        return f"the notebook changed since the last commit: jupytext --to py:percent --output {text} {notebook}"
    if moved == {text}:
        return f"the text changed since the last commit: jupytext --update --to ipynb --output {notebook} {text}"
    return "take over by hand what each of them has, or delete the one that you do not want"
