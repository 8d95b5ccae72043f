"""Each folder of tests/cases is an ad-hoc notebook and everything that promotion must make of it.

`adhoc.py` becomes `production.py`, `module.py` and (what lies beside it) `moved.py`, or is refused with `refused.txt`;
a `commonlib` folder is what was there before, as a `notebooks` folder; `landed.yml` says which datasets hold which
file, `chosen.yml` which decisions a person turned around; files called `last_`, `edited_` and `merged_` are told in
`test_merging`. After a change that is meant,
`UPDATE_STORIES=1 pytest tests/nbpromote/promotion/test_stories.py` writes what is made now; review it as a diff.
"""

import ast
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import papermill
import pytest
import yaml

from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Answer, Topic
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for

CASES = Path(__file__).parents[2] / "cases"
STORIES = sorted(folder.name for folder in CASES.iterdir() if (folder / "adhoc.py").is_file())
SOURCE = "notebooks/adhoc/story.py"


@dataclass(frozen=True, slots=True)
class Before:
    """A repository before the story: it has the story's `commonlib` and `notebooks`, if it has them, alone."""

    folder: Path

    def read_bytes(self, path: str) -> bytes | None:
        found = self.folder / path
        return found.read_bytes() if found.is_file() and path != SOURCE else None

    def files(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(f"{folder}/{path.name}" for path in (self.folder / folder).glob("*.*")))

    def landed(self, path: str) -> tuple[str, ...]:
        return tuple(_told(self.folder / "landed.yml").get(path, ()))


def _told(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_bytes()) if path.is_file() else {}


def draft_of(story: Path) -> Draft:
    text = (story / "adhoc.py").read_bytes()
    chosen = [
        Answer(Topic(topic), subject, choice)
        for topic, answers in _told(story / "chosen.yml").items()
        for subject, choice in answers.items()
    ]
    return make_draft(parse(text, SOURCE), options_for(SOURCE, answers=chosen), Before(story))


def made_of(story: Path) -> dict[str, str | None]:
    try:
        draft = draft_of(story)
    except CannotPromote as refusal:
        lines = [f"cell {one.cell}: {one.code} {one.message}; {one.hint}\n" for one in refusal.findings]
        return {"production.py": None, "module.py": None, "moved.py": None, "refused.txt": "".join(lines)}
    return {
        "production.py": assemble.text_of(draft),
        "module.py": assemble.module_of(draft),
        "moved.py": "\n\n".join(f"# {one.path}\n{one.text}" for one in draft.moved) or None,
        "refused.txt": None,
    }


@pytest.mark.parametrize("name", STORIES)
def test_a_story_ends_as_it_is_told(name: str) -> None:
    made = made_of(CASES / name)
    if os.environ.get("UPDATE_STORIES"):
        for file, text in made.items():
            (CASES / name / file).unlink(missing_ok=True)
            if text is not None:
                (CASES / name / file).write_text(text, encoding="utf-8")
    told = {
        file: (CASES / name / file).read_text(encoding="utf-8") if (CASES / name / file).is_file() else None
        for file in made
    }
    assert made == told


@pytest.mark.parametrize("name", [name for name in STORIES if not (CASES / name / "refused.txt").is_file()])
def test_what_is_made_compiles_and_reads_no_name_that_nothing_binds(name: str) -> None:
    draft = draft_of(CASES / name)
    production = assemble.notebook_of(draft)
    code = "\n".join(cell.source for cell in production.cells if cell.kind == "code")
    compile(code, name, "exec")
    compile(assemble.module_of(draft) or "", name, "exec")


def test_functions_and_a_module_that_moves_are_never_one_file() -> None:
    story = CASES / "modules_beside_it_move_to_commonlib"
    notebook = parse((story / "adhoc.py").read_bytes(), SOURCE)
    with pytest.raises(CannotPromote) as refusal:
        make_draft(notebook, options_for(SOURCE, module="scales"), Before(story))
    assert [one.code for one in refusal.value.findings] == ["PR304"]


HARD = """\
# %%
import pandas as pd
SEPARATOR_URL = "https://x.org/a.csv?day=1#page=2"  # where: it = "lies", really
MIN_SHARE = -0.5  # type: share of all
TOP_N = 5
# above it
END_DATE = "2024-06-30"
DAYS = [1,
        2]  # the days
for_days = 3; MAX_AGE = 4

# %%
frame = pd.read_csv(SEPARATOR_URL)
frame[(frame.a > MIN_SHARE) & (frame.day < END_DATE) & frame.age.lt(MAX_AGE)].head(TOP_N)[DAYS].shift(for_days)
"""


@pytest.mark.parametrize("name", [*(name for name in STORIES if (CASES / name / "production.py").is_file()), "hard"])
def test_papermill_itself_reads_each_parameter_with_its_type_default_and_help(name: str, tmp_path: Path) -> None:
    if name == "hard":
        (tmp_path / "adhoc.py").write_text(HARD)
    draft = draft_of(tmp_path if name == "hard" else CASES / name)
    path = tmp_path / "production.ipynb"
    jupytext.write(jupytext.reads(assemble.text_of(draft), fmt="py:percent"), path)
    found: dict[str, Any] = papermill.inspect_notebook(str(path))  # type: ignore[attr-defined]
    read = {
        one: (held["inferred_type_name"], ast.literal_eval(held["default"]), held["help"])
        for one, held in found.items()
    }
    assert read == {
        one.name: (one.annotation.strip('"'), ast.literal_eval(one.default), one.comment) for one in draft.parameters
    }
    assert name != "hard" or len(read) == 4


def test_every_story_is_either_promoted_or_refused() -> None:
    for name in STORIES:
        files = {path.name for path in (CASES / name).iterdir()}
        assert ("production.py" in files) != ("refused.txt" in files), name
