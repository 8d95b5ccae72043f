"""Findings mended in the files of notebooks: what is safe, all of it or nothing, every other byte as it was."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nbpromote.analysis.checking import Checked, check
from nbpromote.analysis.findings import Finding
from nbpromote.analysis.fixing import changes_of
from nbpromote.effects.checking.linting import lint
from nbpromote.effects.files.notebook_files import find_notebooks
from nbpromote.effects.files.repository import Repository
from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook import Notebook, parse
from nbpromote.notebook.patching import patch
from nbpromote.promotion.plan import FileEdit

_ROUNDS = 20
_PRODUCTION = PurePosixPath("notebooks/production")
_OTHERS_NEED = ("NB160", "NB163", "NB166")  # their fixes take names away, that others may use

Keeps = Callable[[str, str], bool]
"""Whether findings with this code are selected in the file at this path from the root."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One notebook mended: `before` and `after` as read, and the codes of what was mended, one for each finding."""

    edit: FileEdit
    before: Notebook
    after: Notebook
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixer:
    """Mends what is selected; `specifications` as for `check`."""

    repository: Repository
    specifications: tuple[Path, ...]
    keeps: Keeps

    def fix_files(self, paths: Sequence[Path]) -> Iterator[Fixed]:
        """The notebooks that change, one after the other; nothing is written."""
        shared = _run_by_others(self.repository, paths)
        for path in paths:
            place = self.repository.relative(path)
            if not PurePosixPath(place).is_relative_to(_PRODUCTION) and not path.is_symlink():
                fixed = self._fix(path, place, is_shared=path.stem in shared)
                if fixed is not None:
                    yield fixed

    def _fix(self, path: Path, place: str, *, is_shared: bool) -> Fixed | None:
        try:
            data = path.read_bytes() if path.is_file() else None
            before = parse(data, str(path)) if data is not None else None
        except (OSError, UnreadableNotebook):
            return None
        if data is None or before is None:
            return None
        notebook, content = before, data
        checked = self._check(notebook)
        codes: Counter[str] = Counter()
        left: set[tuple[str, str]] = set()  # what was tried, and cannot be mended without changing more
        for _ in range(_ROUNDS):
            wanted = [
                each
                for each in _fixable(checked)
                if self.keeps(each.code, place)
                and not (is_shared and each.code in _OTHERS_NEED)
                and (each.cell_id or "", each.code) not in left
            ]
            made = self._mended(notebook, content, wanted, checked)
            if made is None:
                # One kind of finding in one cell at a time, so that what cannot be mended leaves the others.
                key = next(((each.cell_id or "", each.code) for each in wanted), None)
                if key is None:
                    break
                made = self._mended(notebook, content, [e for e in wanted if (e.cell_id, e.code) == key], checked)
                if made is None:
                    left.add(key)
                    continue
            content, notebook, after = made
            codes += Counter(map(_code, _fixable(checked))) - Counter(map(_code, _fixable(after)))
            checked = after
        if content == data:
            return None
        return Fixed(FileEdit(place, data, content), before, notebook, tuple(codes.elements()))

    def _mended(
        self, notebook: Notebook, content: bytes, wanted: Iterable[Finding], checked: Checked
    ) -> tuple[bytes, Notebook, Checked] | None:
        """The notebook with these findings mended, when it still has the same results, and nothing new blocks."""
        changes = changes_of({cell.id: cell.source for cell in notebook.cells}, wanted)
        changed, _ = patch(notebook, content, changes)
        if changed == content:
            return None
        again = parse(changed, notebook.path)
        after = self._check(again)
        if after.blocking > checked.blocking or after.results != checked.results or after.needed > checked.needed:
            return None
        return changed, again, after

    def _check(self, notebook: Notebook) -> Checked:
        return check(notebook, specifications=self.specifications, linter=lint)


def _fixable(checked: Checked) -> list[Finding]:
    return [each for each in checked.findings if each.fix is not None]


def _code(finding: Finding) -> str:
    return finding.code


def source_changes(fixed: Fixed) -> Iterator[tuple[int, str, str]]:
    """The number, the text before and the text after of each cell that changed."""
    after = list(fixed.after.cells)
    for cell in fixed.before.cells:
        same = next((other for other in after if other.number == cell.number), None)
        if len(after) != len(fixed.before.cells):  # text has no place for an empty cell
            same = next((other for other in after if other.id == cell.id or other.source == cell.source), None)
        made = same if same is not None else replace(cell, source="")
        if made.source != cell.source:
            yield cell.number, cell.source, made.source


def _run_by_others(repository: Repository, paths: Sequence[Path]) -> frozenset[str]:
    """The names of those notebooks that another file of the repository runs or imports, whose names it then uses."""
    stems = {path.stem for path in paths}
    found: set[str] = set()
    calls = re.compile(rb"(?:%run|\bimport|\bfrom)\s+([^\n;]{1,300})")
    for other in find_notebooks([repository.root], is_excluded=lambda _: False):
        try:
            content = other.read_bytes() if other.is_file() else b""
        except OSError:
            continue
        for call in calls.finditer(content):
            words = set(re.findall(r"\w+", call[1].decode("utf-8", "replace")))
            found |= {stem for stem in stems - {other.stem} if set(re.findall(r"\w+", stem)) <= words}
    return frozenset(found)
