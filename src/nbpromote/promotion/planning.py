"""A notebook and a repository become a plan: decisions and edits, or one report of why there is none."""

import ast
import difflib
import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Facts
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.analysis.rules import find
from nbpromote.errors import NbpromoteError, UsageError
from nbpromote.notebook.model import CellKind, Notebook
from nbpromote.promotion import assemble, stopgaps, versioning
from nbpromote.promotion.code import free_names, parse_cell
from nbpromote.promotion.draft import Draft, Options, Snapshot, UnfitAnswer, name_of
from nbpromote.promotion.header import is_same_but_for_stamp
from nbpromote.promotion.included import with_others
from nbpromote.promotion.mends import mended
from nbpromote.promotion.passes import PASSES
from nbpromote.promotion.passes.keep import DROP
from nbpromote.promotion.plan import Answer, FileEdit, Plan, Topic
from nbpromote.promotion.remembered import with_remembered
from nbpromote.promotion.seen import seen_in


class CannotPromote(NbpromoteError):
    """The notebook has findings that block its promotion; all of them are in `findings`.

    `draft` is what was made of it so far, where that is code that could run; else None.
    """

    def __init__(self, path: str, findings: tuple[Finding, ...], draft: Draft | None = None) -> None:
        self.path, self.findings, self.draft = path, findings, draft
        count = sum(1 for finding in findings if finding.severity is Severity.BLOCKS)
        many = "1 finding stands" if count == 1 else f"{count} findings stand"
        super().__init__(f"{path}: {many} between this notebook and production; mend them and promote again")


class NoSuchResult(UsageError):
    """A result was asked for by a name that no cell binds."""

    def __init__(self, path: str, name: str, near: list[str]) -> None:
        self.path, self.name = path, name
        hint = f"; did you mean {near[0]}?" if near else ""
        super().__init__(f"{path}: no cell binds {name!r}, which was asked for with --result{hint}")


def options_for(
    source: str,
    *,
    name: str | None = None,
    module: str | None = None,
    results: Iterable[str] = (),
    answers: Iterable[Answer] = (),
) -> Options:
    """The options of a promotion, with names made from the notebook's own where none is given."""
    made = slug(name or PurePosixPath(source).stem)
    return Options(source, made, slug(module) if module else made, tuple(results), tuple(answers))


def slug(name: str) -> str:
    """A file's name as a Python module can be called."""
    words = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    return f"notebook_{words}".rstrip("_") if not words[:1].isalpha() or keyword.iskeyword(words) else words


def make_draft(
    notebook: Notebook, options: Options, snapshot: Snapshot, *, specifications: Sequence[Path] = ()
) -> Draft:
    """The draft after every pass, with what the last promotion was told where `options` say nothing.

    `specifications` are folders as for `analyse`.

    Raises:
        CannotPromote: with every finding that blocks.
        NoSuchResult: a result was asked for that is none of the notebook's names.
        UnfitAnswer: a person's choice fits no decision.
    """
    options = with_remembered(options, snapshot.read_bytes(options.target), notebook)
    included = with_others(notebook, options.source, snapshot)
    facts, mends = mended(
        analyse(included.notebook, specifications=specifications), options, specifications=specifications
    )
    bound = {name for cell in facts.cells for name in cell.binds}
    unknown = [name for name in options.results if name not in bound]
    if unknown:
        raise NoSuchResult(notebook.path, unknown[0], difflib.get_close_matches(unknown[0], bound, 1))
    blocking = tuple(one for one in find(facts) if one.severity is Severity.BLOCKS)
    begun = Draft(facts, options, decisions=(*included.decisions, *mends), original=notebook)
    draft, refusals = _drafted(begun, snapshot, is_broken=bool(blocking))
    refusals = (*included.findings, *refusals)
    if blocking or refusals:
        found = (*blocking, *refusals)
        raise CannotPromote(notebook.path, found, _as_far_as_can_be(begun, draft, snapshot, found, specifications))
    return draft


def _as_far_as_can_be(
    begun: Draft, draft: Draft, snapshot: Snapshot, found: Sequence[Finding], specifications: Sequence[Path]
) -> Draft | None:
    """The draft with what it refuses left as it was, when that compiles and has no undefined name.

    Where it has no code that could run, stopgaps take the place of what it lacks; where nothing leads to a result, all
    cells stay.
    """
    codes = {one.code for one in found if one.severity is Severity.BLOCKS}
    if any(code.startswith("NB") and code not in stopgaps.CODES for code in codes):
        return None
    if codes & {*stopgaps.CODES, "PR101", "PR301"}:
        facts = stopgaps.filled(begun.facts, specifications=specifications)
        for is_all in (False, True):
            options = stopgaps.keeping(begun.options, facts.notebook, is_all=is_all)
            draft, _ = _drafted(replace(begun, facts=facts, options=options), snapshot, is_broken=True)
            if any(not stopgaps.is_comment(cell) for cell in draft.kept_code):
                break
        draft = replace(draft, options=begun.options)
    plain = replace(draft, findings=())
    has_code = any(not stopgaps.is_comment(cell) for cell in plain.kept_code)
    return plain if has_code and not _findings_of(plain, is_broken=False) else None


def find_refusals(facts: Facts, *, neighbours: Collection[str] = ()) -> tuple[Finding, ...]:
    """What a promotion would refuse besides the findings that block.

    `neighbours` are the modules beside the notebook, a package with a slash at its end; nothing else of the
    repository is looked at. What only a fault of the tool could break (PR901, PR902) is left to the plan.
    """
    begun = Draft(facts, options_for(facts.notebook.path))
    return _drafted(begun, _Beside(frozenset(neighbours)), is_broken=True)[1]


@dataclass(frozen=True, slots=True)
class _Beside:
    """A repository in which modules of these names lie, and nothing else."""

    modules: frozenset[str]

    def read_bytes(self, path: str) -> bytes | None:
        """Nothing of a module's content matters but that it is there."""
        if path.startswith("commonlib/"):
            return None
        package, _, file = path.rpartition("/")
        is_package = file == "__init__.py"
        name = f"{PurePosixPath(package).name}/" if is_package else file.removesuffix(".py")
        return b"" if file.endswith(".py") and name in self.modules else None

    def files(self, folder: str) -> tuple[str, ...]:  # noqa: ARG002 - a Snapshot
        return ()

    def landed(self, path: str) -> tuple[str, ...]:  # noqa: ARG002 - a Snapshot
        return ()


def _drafted(draft: Draft, snapshot: Snapshot, *, is_broken: bool) -> tuple[Draft, tuple[Finding, ...]]:
    """The draft after every pass, and every reason why it cannot become a production notebook."""
    for apply in PASSES:
        draft = apply(draft, snapshot)
    draft = replace(draft, seen=seen_in(draft, snapshot))
    _check_answers(draft)
    return draft, (*draft.findings, *_findings_of(draft, is_broken=is_broken))


def turned_around(base: Draft, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Of these answers, those that say something else than the draft does."""
    stands = {(one.turn.topic, one.turn.subject): one.turn.choice for one in base.decisions if one.turn is not None}
    return tuple(one for one in answers if stands.get((one.topic, one.subject)) != one.choice)


def make_plan(draft: Draft, snapshot: Snapshot, bases: Mapping[str, bytes] = MappingProxyType({})) -> Plan:
    """The edits that write what the draft says, against the repository as it is.

    `bases` are the files that the last promotion wrote and people have edited since, as it wrote them: commonlib's
    version moves with what is promoted, not with what people edit.
    """
    options = draft.options
    module = assemble.module_of(draft)
    modules = _edit(options.module_path, module, snapshot) if module is not None else ()
    modules += tuple(edit for one in draft.moved for edit in _edit(one.path, one.text, snapshot))
    promoted = tuple(replace(edit, before=bases.get(edit.path, edit.before)) for edit in modules)
    moved = tuple(edit for edit in promoted if edit.before != edit.after)
    made = versioning.release(moved, options.source, options.target, snapshot)
    if made is not None:
        held = versioning.held_range(snapshot, options.target)
        before = bases.get(options.target, snapshot.read_bytes(options.target) or b"").decode("utf-8", "replace")
        is_same = is_same_but_for_stamp(before, assemble.text_of(replace(draft, requires=held)))
        stays = is_same and not moved and versioning.does(snapshot, held)
        draft = replace(draft, requires=held if stays else made.requires)
    edits = (*_edit(options.target, assemble.text_of(draft), snapshot), *modules, *(made.edits if made else ()))
    return Plan(options.source, options.target, (*draft.decisions, *(made.decisions if made else ())), edits)


def _edit(path: str, text: str, snapshot: Snapshot) -> tuple[FileEdit, ...]:
    """The edit that makes this file say this; none when it does."""
    before = snapshot.read_bytes(path)
    if before is not None and is_same_but_for_stamp(before.decode("utf-8", "replace"), text):
        return ()
    return (FileEdit(path, before, text.encode()),)


def _findings_of(draft: Draft, *, is_broken: bool) -> tuple[Finding, ...]:
    """What must never happen: code that does not compile, or a name that nothing binds."""
    if draft.findings:
        return ()
    if not draft.kept_code:
        return (_without_result(draft.facts),)
    if is_broken:
        return ()
    production = assemble.notebook_of(draft)
    found = [
        _finding(
            draft.facts, "PR901", f"BUG: the rewritten cell {cell.id} is not Python", "please report this notebook"
        )
        for cell in production.cells
        if cell.kind is CellKind.CODE and parse_cell(cell.source) is None
    ]
    before = {one.name for one in draft.facts.flow.hidden}
    missing = {one.name for one in analyse(production).flow.hidden_in_document} - before
    module = assemble.module_of(draft)
    if module is not None:
        missing |= _undefined(module)
    by_choice = _missing_by_choice(draft, missing)
    found += by_choice
    if missing and not by_choice:
        names = ", ".join(sorted(missing))
        found.append(
            _finding(draft.facts, "PR902", f"BUG: nothing would define {names}", "please report this notebook")
        )
    return tuple(found)


def _without_result(facts: Facts) -> Finding:
    told, hint = "nothing is written, no table or plot concludes it", "name what should come out of it with --result"
    gone = next((one for one in facts.flow.hidden if one.kind == "gone"), None)
    if gone is not None:
        cell = name_of(facts.notebook.cell(gone.cell_id))
        told += f" that could run: {cell} uses {gone.name}, which no cell binds"
        hint = f"bind {gone.name}, or {hint}"
    return _finding(facts, "PR101", f"has no result: {told}", hint)


def _missing_by_choice(draft: Draft, missing: set[str]) -> list[Finding]:
    """Names that nothing defines because a person let their cell go, or keeps an order that does not run."""
    turned = {one.turn.subject: one.turn for one in draft.decisions if one.turn is not None and one.turn.is_turned}
    order = turned.get("cells")
    found = []
    for name in sorted(missing):
        gone = [name_of(cell) for cell in draft.facts.notebook.code_cells if name in draft.facts.of(cell.id).binds]
        gone = [cell for cell in gone if cell in turned and turned[cell].choice == DROP]
        if gone:
            message = f"what stays needs {name}, which {gone[0]} defines, and {gone[0]} was chosen to go"
            found.append(_finding(draft.facts, "PR302", message, f"keep {gone[0]}, or let go what needs {name}, too"))
        elif order is not None and order.topic is Topic.ORDER:
            message = f"in the saved order nothing defines {name} before it is used"
            found.append(_finding(draft.facts, "PR303", message, "take the order in which the cells run"))
    return found


def _check_answers(draft: Draft) -> None:
    """Whatever a person chose was asked for."""
    asked = {(one.turn.topic, one.turn.subject) for one in draft.decisions if one.turn is not None}
    for answer in draft.options.answers:
        if (answer.topic, answer.subject) not in asked:
            raise UnfitAnswer(answer, ())


def _undefined(module: str) -> set[str]:
    import builtins

    try:
        ast.parse(module)
    except SyntaxError as error:
        return {f"<syntax error on line {error.lineno}>"}
    return set(free_names(module)) - set(dir(builtins)) - {"__name__", "__file__", "__doc__"}


def _finding(facts: Facts, code: str, message: str, hint: str) -> Finding:
    return Finding(code, facts.notebook.path, None, None, None, message, hint, Severity.BLOCKS)
