"""Every claim on promotion, in the README and docs/promotion.md, is held by a story or a test, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests/cases"
# Faults of the tool itself, and a place that no known notebook writes to: of these there is no story.
UNTOLD = {"PR901", "PR902", "PR201"}


def held() -> dict[str, list[str]]:
    """What tests/cases/README.md says holds each claim."""
    rows = re.findall(r"^\| (.+) \| (.+) \|$", (CASES / "README.md").read_text(), re.M)
    return {claim: names.split(", ") for claim, names in rows if names not in {"held by", "---"} and claim != "---"}


def claims() -> set[str]:
    """The claims: what a promotion makes, its steps, what stands in its way, and every part of docs/promotion.md."""
    readme = (ROOT / "README.md").read_text()
    makes = readme.partition("What a promotion makes:")[2].partition("\n## ")[0]
    found = {" ".join(one.split()) for one in re.findall(r"^- ((?:.+\n)(?:  .+\n)*)", makes, re.M)}
    steps = readme.partition("## From a notebook to production")[2].partition("\n## ")[0]
    found |= set(re.findall(r"^\*\*([\w .]+)\*\*", steps, re.M)) - {"Land the data."}
    refusals = readme.partition("| what stands in the way |")[2].partition("\n\n")[0]
    found |= set(re.findall(r"^\| ([^|-][^|]*) \|", refusals, re.M)) - {"---"}
    passes = (ROOT / "docs/promotion.md").read_text().partition("## Mends")[2]
    found |= {"Mends", *re.findall(r"^### (.+)$", passes, re.M)}
    return found | {one for one in ("The proof", "Drafts") if f"\n## {one}\n" in passes}


def is_there(name: str) -> bool:
    file, is_test, test = name.partition("::")
    if not is_test:
        return (CASES / name / "adhoc.py").is_file()
    texts = [path.read_text() for path in (ROOT / "tests").rglob(file)]
    return any(test == "*" or f"def {test}(" in text for text in texts)


def test_every_claim_is_listed_and_every_row_is_a_claim() -> None:
    assert held().keys() == claims()


def test_what_holds_a_claim_is_there() -> None:
    assert [name for names in held().values() for name in names if not is_there(name)] == []


def test_every_story_holds_a_claim_or_a_refusal() -> None:
    named = {name for names in held().values() for name in names}
    refused = {path.parent.name for path in CASES.glob("*/refused.txt")}
    assert {path.parent.name for path in CASES.glob("*/adhoc.py")} - named - refused == set(), (
        "name the story in tests/cases/README.md, beside the claim that it holds"
    )


def test_every_code_of_a_refusal_is_told_by_a_story() -> None:
    listed = set(re.findall(r"\bPR\d{3}\b", (ROOT / "docs/promotion.md").read_text()))
    told = set(re.findall(r"\bPR\d{3}\b", "".join(path.read_text() for path in CASES.glob("*/refused.txt"))))
    assert listed - told == UNTOLD
