"""A plan as a file that a person reads, edits and hands to `nbpromote promote`."""

import hashlib
import shlex
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from nbpromote.errors import NbpromoteError, UsageError
from nbpromote.promotion.draft import Draft, Options, Snapshot
from nbpromote.promotion.header import source_hash
from nbpromote.promotion.plan import Answer, Decision, Plan, Topic

SUFFIXES = (".yml", ".yaml")
_WIDE = 60
_TOP = """\
# The plan of a promotion. To turn a decision around, put one of its other words in its place
# (they stand behind it), then run:  nbpromote promote {path}
# It is refused when the notebook, or a file that it would write, has changed in the meantime.
"""


class UnreadablePlan(UsageError):
    """The file is not a plan, or not one any more."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f'{path}: is no plan: {problem}; make one with "nbpromote plan NOTEBOOK -o {path}"')


class Moved(NbpromoteError):
    """Files are not what they were when the plan was made."""

    def __init__(self, path: str, moved: Iterable[str]) -> None:
        self.path, self.moved = path, tuple(moved)
        has = "has" if len(self.moved) == 1 else "have"
        super().__init__(
            f"{path}: {', '.join(self.moved)} {has} changed since this plan was made; nothing was changed. "
            'Plan again with "nbpromote plan ... -o", and carry your choices over'
        )


class SavedPlan(BaseModel):
    """What a plan file holds: options, answers, and what the files were when it was made (sha256, or None)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notebook: str
    name: str
    module: str
    results: tuple[str, ...] = ()
    decisions: dict[Topic, dict[str, str]] = {}
    notebook_sha256: str
    files: dict[str, str | None] = {}

    @property
    def options(self) -> Options:
        answers = (
            Answer(topic, subject, choice)
            for topic, choices in self.decisions.items()
            for subject, choice in choices.items()
        )
        return Options(self.notebook, self.name, self.module, self.results, tuple(answers))


def render(draft: Draft, plan: Plan, path: str) -> str:
    """The plan as YAML: every decision that can be turned around with its choices and its reason behind it."""
    options = draft.options
    parts = [_TOP.format(path=shlex.quote(path))]
    parts += [_pair("notebook", options.source), _pair("name", options.name), _pair("module", options.module)]
    parts.append(_dumped({"results": list(options.results)}))
    turnable = [one for one in dict.fromkeys(draft.decisions) if one.turn is not None]
    if turnable:
        parts.append("\ndecisions:\n")
    for topic in Topic:
        about = {_key(one): one for one in turnable if one.turn is not None and one.turn.topic is topic}
        if about:
            parts.append(f"  {topic}:\n")
            parts += _lines(about.values())
    parts.append("\n# What the files were when this plan was made.\n")
    parts.append(_pair("notebook_sha256", source_hash(draft.source_notebook)))
    files = {edit.path: _hash(edit.before) for edit in plan.edits}
    parts.append(_dumped({"files": files}))
    return "".join(parts)


def parse(text: str, path: str) -> SavedPlan:
    """The plan that a file holds.

    Raises:
        UnreadablePlan: it is not YAML, or not a plan.
    """
    try:
        content = yaml.load(text, _Words)  # a safe loader that leaves words alone
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise UnreadablePlan(path, f"{where}{getattr(error, 'problem', None) or error}") from error
    if not isinstance(content, dict):
        raise UnreadablePlan(path, "it is empty" if content is None else "it holds no keys")
    try:
        return SavedPlan.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise UnreadablePlan(path, f"{place}: {first['msg'].lower()}") from error


def check(saved: SavedPlan, draft: Draft, snapshot: Snapshot, path: str) -> None:
    """Refuse a plan whose files have moved.

    Raises:
        Moved: with the files that are not what they were.
    """
    moved = [] if source_hash(draft.source_notebook) == saved.notebook_sha256 else [saved.notebook]
    moved += [file for file, was in saved.files.items() if _hash(snapshot.read_bytes(file)) != was]
    if moved:
        raise Moved(path, moved)


class _Words(yaml.SafeLoader):
    """YAML in which `yes`, `3` and `2020-01-01` are the words that stand there."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag == "tag:yaml.org,2002:null"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _key(decision: Decision) -> str:
    return decision.turn.subject if decision.turn is not None else decision.subject


def _lines(decisions: Iterable[Decision]) -> list[str]:
    """A line for each decision, with what it says behind it and in one column."""
    rows = [(f"    {_dumped({one.turn.subject: one.turn.choice}).strip()}", one) for one in decisions if one.turn]
    wide = min(max(len(left) for left, _ in rows), _WIDE)
    return [f"{left:{wide}}  # {_told(one)}\n" for left, one in rows]


def _told(decision: Decision) -> str:
    doubt = "in doubt: " if decision.doubt else ""
    can = f"{' | '.join(decision.turn.choices)}; " if decision.turn and decision.turn.choices else ""
    told = " ".join(f"{doubt}{can}{decision.what}; {decision.why}".split())
    return "".join(one if one.isprintable() else "?" for one in told)


def _pair(name: str, value: str) -> str:
    return _dumped({name: value})


def _dumped(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=False)


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
