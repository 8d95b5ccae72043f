"""Each folder of tests/cases is an ad-hoc notebook and everything that promotion must make of it.

`adhoc.py` becomes `production.py` and `module.py`, or is refused with `refused.txt`; a `commonlib` folder is what was
there before. After a change that is meant,
`UPDATE_STORIES=1 pytest tests/nbpromote/promotion/test_stories.py` writes what is made now; review it as a diff.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for

CASES = Path(__file__).parents[2] / "cases"
STORIES = sorted(folder.name for folder in CASES.iterdir() if (folder / "adhoc.py").is_file())
SOURCE = "notebooks/adhoc/story.py"


@dataclass(frozen=True, slots=True)
class Before:
    """A repository before the story: it has the story's `commonlib`, if it has one, and nothing else."""

    folder: Path

    def read_bytes(self, path: str) -> bytes | None:
        found = self.folder / path
        return found.read_bytes() if path.startswith("commonlib/") and found.is_file() else None

    def files(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(f"{folder}/{path.name}" for path in (self.folder / folder).glob("*.*")))


def draft_of(story: Path) -> Draft:
    text = (story / "adhoc.py").read_bytes()
    return make_draft(parse(text, SOURCE), options_for(SOURCE), Before(story))


def made_of(story: Path) -> dict[str, str | None]:
    try:
        draft = draft_of(story)
    except CannotPromote as refusal:
        lines = [f"cell {one.cell}: {one.code} {one.message}; {one.hint}\n" for one in refusal.findings]
        return {"production.py": None, "module.py": None, "refused.txt": "".join(lines)}
    return {
        "production.py": assemble.text_of(draft),
        "module.py": assemble.module_of(draft),
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


def test_every_story_is_either_promoted_or_refused() -> None:
    for name in STORIES:
        files = {path.name for path in (CASES / name).iterdir()}
        assert ("production.py" in files) != ("refused.txt" in files), name
