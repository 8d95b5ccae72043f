"""Promoting again: what people made of the last promotion's files is carried over to what is promoted now."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbpromote.analysis import analyse
from nbpromote.effects.files.untouched import last_written
from nbpromote.errors import NbpromoteError
from nbpromote.notebook import parse
from nbpromote.notebook.model import CellKind
from nbpromote.promotion.code import free_names, parse_cell
from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.header import is_same_but_for_stamp
from nbpromote.promotion.joining import is_of_several, join, with_sorted_head
from nbpromote.promotion.merging import MARKS, Merged, merge
from nbpromote.promotion.plan import Decision, DecisionKind, FileEdit, Plan
from nbpromote.proof import report

_FIRST = "# nbpromote merge {key}: choose in every marked place, save, and promote again. Leave this line in.\n"
_FIRST_LINE = re.compile(r"\A# nbpromote merge (\w+):.*\n")


@dataclass(frozen=True, slots=True)
class Carried:
    """One file that people have edited, merged.

    `broken` says why the merge cannot stand although nothing conflicts; `beside` is what lies at `choices` now, where a
    person resolves it; `is_proven` when the last proof was made with these edits.
    """

    path: str
    merged: Merged
    key: str
    broken: str | None = None
    beside: bytes | None = None
    is_proven: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether it is a module to which functions of several notebooks have moved."""
        return is_of_several(self.merged.text)

    @property
    def choices(self) -> str:
        """Where the conflicts are written out."""
        return f"{self.path}.merge"

    @property
    def is_open(self) -> bool:
        """Whether a person has to look before this can land."""
        return bool(self.merged.conflicts) or self.broken is not None

    @property
    def written_out(self) -> FileEdit:
        """The edit that writes the merge with its marks beside the file."""
        text = _FIRST.format(key=self.key) + self.merged.text
        return FileEdit(self.choices, self.beside, text.encode())


@dataclass(frozen=True, slots=True)
class Again:
    """Edits with people's own in them. `made` is what the promotion alone would write: the base of the next merge.

    `beside` are the names in a module of others to which functions move.
    """

    edits: tuple[FileEdit, ...]
    made: Mapping[str, bytes] = field(default_factory=dict)
    carried: tuple[Carried, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Carried, ...]:
        """The files that cannot be merged without a person."""
        return tuple(one for one in self.carried if one.is_open)

    @property
    def chosen(self) -> tuple[FileEdit, ...]:
        """The edits that clear away the files in which a person has chosen."""
        there = (one for one in self.carried if one.beside is not None)
        return tuple(FileEdit(one.choices, one.beside, None) for one in there)


NOTHING_EDITED = Again(())


class Conflicts(NbpromoteError):
    """People and the ad-hoc notebook changed the same places in different ways."""

    def __init__(self, source: str, files: Sequence[Carried], written: Sequence[str] = ()) -> None:
        self.files = tuple(files)
        paths = ", ".join(one.path for one in files)
        if written:
            what = f"{', '.join(written)}: written; choose in every marked place, and promote {source} again"
        else:
            what = (
                f"{paths}: was edited since its promotion, and {source} changed the same places; nothing was changed. "
                "Write the merge out with --conflicts, choose in it, and promote again"
            )
        super().__init__(what)


class StaleChoices(NbpromoteError):
    """A file in which a person was to choose does not belong to what there is to merge now."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: is not of this merge: the notebook or the file beside it has changed since; nothing was changed. "
            "Take from it what you need, remove it, and write it anew with --conflicts"
        )


def carry(edits: Iterable[FileEdit], draft: Draft, snapshot: Snapshot) -> Again:
    """These edits of the draft's promotion with what people changed since the last one merged in.

    Args:
        edits: what the promotion alone would write.
        draft: whose promotion it is.
        snapshot: the repository.

    Raises:
        StaleChoices: a person has chosen in a merge that is not this one.
        NamesClash, NotPython: functions would move to a module of others that they do not fit into.
    """
    bases, vouched = last_written(draft, snapshot), report.vouched(snapshot.read_bytes(draft.options.proof_path))
    found: list[FileEdit] = []
    made: dict[str, bytes] = {}
    carried = []
    beside: tuple[str, ...] = ()
    for edit in edits:
        base = bases.get(edit.path)
        if base == b"" and edit.before is not None and edit.after is not None:
            both = join(edit.path, edit.before.decode("utf-8", "replace"), edit.after.decode(), draft.options.source)
            beside, made[edit.path] = both.held, edit.after
            edit = replace(edit, after=both.text.encode())  # noqa: PLW2901
            found += [edit] if edit.after != edit.before else []
            continue
        if base is None and edit.before is not None and vouched.get(edit.path) == report.sha256(edit.before):
            base = edit.before
        if edit.before is None or edit.after is None or base is None or not all(map(_is_text, (base, edit.before))):
            found.append(edit)
            continue
        after = base if is_same_but_for_stamp(base.decode(), edit.after.decode()) else edit.after
        made[edit.path] = after
        if base != edit.before:
            is_proven = vouched.get(edit.path) == report.sha256(edit.before)
            one = replace(_carried(edit.path, base, edit.before, after, snapshot), is_proven=is_proven)
            carried.append(one)
            after = one.merged.text.encode()
        if after != edit.before:
            found.append(replace(edit, after=after))
    return Again(tuple(found), made, tuple(carried), beside)


def carry_plan(plan: Plan, draft: Draft, snapshot: Snapshot) -> tuple[Plan, Again]:
    """The plan with people's edits in it, which are among its decisions."""
    again = carry(plan.edits, draft, snapshot)
    told = [
        Decision(
            DecisionKind.MERGED,
            place,
            "stays as it is there" if one.is_shared else "stays as people changed it",
            one.path,
        )
        for one in again.carried
        for place in one.merged.kept
    ]
    if again.beside:
        why = f"it holds already, and keeps: {', '.join(again.beside)}"
        told.append(Decision(DecisionKind.LIFTED, draft.options.module_path, "takes these in at its end", why))
    return replace(plan, edits=again.edits, decisions=(*plan.decisions, *told)), again


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _carried(path: str, base: bytes, yours: bytes, now: bytes, snapshot: Snapshot) -> Carried:
    merged = merge(base.decode(), yours.decode().replace("\r\n", "\n"), now.decode())
    key = report.sha256(b"\0".join((base, yours, now)))[:12]
    beside = snapshot.read_bytes(f"{path}.merge")
    if beside is not None:
        text = beside.decode()
        first = _FIRST_LINE.match(text)
        if first is None or first[1] != key:
            raise StaleChoices(f"{path}.merge")
        text = text[first.end() :]
        left = tuple(one for one in merged.conflicts if _MARKED.search(text))
        merged = Merged(text, left, merged.kept)
    broken = None if merged.conflicts else _broken(path, merged.text, yours.decode(), now.decode())
    if broken is None and not merged.conflicts and path.startswith("commonlib/"):
        merged = replace(merged, text=with_sorted_head(merged.text, yours.decode()))
    return Carried(path, merged, key, broken, beside)


_MARKED = re.compile("|".join(f"^{re.escape(mark)}$" for mark in MARKS if mark != "======="), re.MULTILINE)


def _broken(path: str, text: str, yours: str, now: str) -> str | None:
    """Why this merge cannot stand: it does not compile, or reads a name that nothing binds and both sides bound."""
    try:
        missing = _missing(path, text)
    except SyntaxError as error:
        return f"line {error.lineno} is not Python"
    for side in (yours, now):
        try:
            missing -= _missing(path, side)
        except SyntaxError:
            continue
    return f"nothing in it defines {', '.join(sorted(missing))}" if missing else None


def _missing(path: str, text: str) -> set[str]:
    """The names that this file reads and nothing binds. Raises SyntaxError."""
    if not path.startswith("notebooks/"):
        import builtins

        ast.parse(text)
        return set(free_names(text)) - set(dir(builtins)) - {"__name__", "__file__", "__doc__"}
    notebook = parse(text.encode(), path)
    for cell in notebook.cells:
        if cell.kind is CellKind.CODE and parse_cell(cell.source) is None:
            raise SyntaxError(f"cell {cell.number}", (path, cell.number, 0, ""))
    return {one.name for one in analyse(notebook).flow.hidden_in_document}
