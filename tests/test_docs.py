"""The documentation is complete, leads somewhere, and says what the tool does.

Some of it is made from the tool itself. After a change that is meant, `UPDATE_DOCS=1 pytest tests/test_docs.py` makes
it anew; review it as a diff.
"""

import ast
import os
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from nbpromote.analysis.rules import RULES
from nbpromote.cli.commands import app
from nbpromote.cli.terminal import clean
from tests import made_docs
from tests.made_docs import ROOT, SAMPLE

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").rglob("*.md")])
COMMANDS = made_docs.commands()
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UsageError: Any = typer.BadParameter.__base__  # typer has a click of its own, and shows only parts of it
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return [body for found, body in _FENCE.findall(text_of(page)) if found == language]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def held(path: Path, made: str) -> None:
    """Hold a page to what is made for it, or write it when that is asked for."""
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(made, encoding="utf-8")
    is_same = path.is_file() and text_of(path) == made
    assert is_same, f"{name_of(path)} lags behind the tool: UPDATE_DOCS=1 pytest tests/test_docs.py"


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    outside = _FENCE.sub("", text_of(page))
    headings = re.findall(r"^#+ (.*)$", outside, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_described_with_every_option_that_it_has(words: str) -> None:
    page = ROOT / "docs" / "commands.md"
    assert re.search(rf"^##+ nbpromote {words}$", text_of(page), re.MULTILINE)
    place = re.compile(rf"(<!-- made: {words} -->\n).*?(<!-- end -->)", re.DOTALL)
    made = made_docs.options_of(words, COMMANDS[words])
    assert place.search(text_of(page))
    held(page, place.sub(lambda found: f"{found[1]}\n{made}\n{found[2]}", text_of(page)))


def test_commands_md_describes_no_command_that_is_gone() -> None:
    described = re.findall(r"^##+ nbpromote (.*)$", text_of(ROOT / "docs" / "commands.md"), re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS)


def test_every_rule_is_described_as_its_own_docstring_says() -> None:
    held(ROOT / "docs" / "rules.md", made_docs.rules_page())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_tells_why_it_is_one_and_what_to_do(rule: Any) -> None:
    section = text_of(ROOT / "docs" / "rules.md").partition(f"## {rule.code} {rule.name}\n")[2].partition("\n## ")[0]
    title, why, rest = section.strip("\n").split("\n\n", 2)
    _, example, hint = rest.rsplit("```", 2)[0], *rest.rsplit("```", 2)[1:]
    assert title.startswith(f"*{rule.severity}.* ")
    assert len(why) > 20
    assert example.strip()
    assert len(hint.strip()) > 10


def test_every_code_that_the_tool_can_say_is_explained() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    explained = text_of(ROOT / "docs" / "rules.md") + text_of(ROOT / "docs" / "promotion.md")
    codes = set(re.findall(r'"((?:NB|PR)\d{3})"', source))
    assert len(codes) > 10
    assert {code for code in codes if code not in explained} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(_FENCE.sub("", text_of(page))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    reached, todo = set[Path](), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            links = (link.partition("#")[0] for link in _LINK.findall(text_of(page)) if "://" not in link)
            todo += [(page.parent / link).resolve() for link in links if link]
    assert set((ROOT / "docs").rglob("*.md")) - reached == set()


def command_lines() -> list[tuple[str, str]]:
    """Every `nbpromote ...` that a page shows as typed: in blocks behind `$`, and in running text."""
    found = []
    for page in PAGES:
        text = text_of(page)
        typed = re.findall(r"^(?:\$ )(.*)$", "\n".join(body for _, body in _FENCE.findall(text)), re.MULTILINE)
        said = re.findall(r"`(nbpromote [^`]+)`", _FENCE.sub("", text))
        found += [(name_of(page), part) for line in (*typed, *said) for part in line.split(" && ")]
    return [(page, line) for page, line in found if line.startswith("nbpromote ")]


def parse(line: str) -> None:
    """Parse a command line as the tool would, without running the command.

    Raises:
        UsageError: the tool would refuse it.
    """
    command: Any = typer.main.get_command(app)
    context, words = typer.Context(command, info_name="nbpromote"), shlex.split(line)[1:]
    while hasattr(command, "list_commands") and words and not words[0].startswith("-"):
        name, command, words = command.resolve_command(context, words)
        context = typer.Context(command, info_name=name)
    if not words or words[0] in {"--help", "--version"}:
        return
    command.make_context(context.info_name, words)


def is_a_name_only(line: str) -> bool:
    """Whether running text names a command (`nbpromote plan`) or one option of it, and leaves out its arguments."""
    return re.fullmatch(r"nbpromote( [a-z]+)+( --[a-z-]+)?", line) is not None


@pytest.mark.parametrize(("page", "line"), command_lines(), ids=lambda one: str(one).replace("/", "-"))
def test_every_command_line_is_one_that_the_tool_takes(page: str, line: str) -> None:
    try:
        parse(line)
    except typer.Exit:
        pass  # --help
    except typer.BadParameter as error:
        if type(error).__name__ != "MissingParameter":
            raise
        assert is_a_name_only(line), f"{page}: {line} lacks an argument"


def test_a_command_line_with_an_unknown_command_or_option_is_found() -> None:
    for line in ("nbpromote plant x.ipynb", "nbpromote plan x.ipynb --dif", "nbpromote runs lust", "nbpromote undo x"):
        with pytest.raises(UsageError):
            parse(line)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_every_python_example_compiles(page: Path) -> None:
    for example in blocks(page, "python"):
        ast.parse(example)


def test_the_examples_of_promotion_md_are_those_of_the_stories() -> None:
    told = {
        line.strip()
        for path in (ROOT / "tests" / "cases").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    shown = {
        line.strip() for example in blocks(ROOT / "docs" / "promotion.md", "python") for line in example.split("\n")
    }
    assert shown - told - {"..."} == set()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the tool shows of the sample in a terminal, for each of these commands."""
    sample = made_docs.sample_repository(tmp_path_factory.mktemp("sample"))
    widths = {"check": 100, "plan --diff": 100, "plan": made_docs.PICTURE_WIDTH}
    with ThreadPoolExecutor() as pool:
        running = {
            command: pool.submit(made_docs.in_terminal, [*command.split(), SAMPLE], sample, width=width)
            for command, width in widths.items()
        }
        return {command: one.result() for command, one in running.items()}


@pytest.fixture(scope="module")
def planned(shown: dict[str, str]) -> str:
    return clean(shown["plan --diff"])


def transcripts(command: str) -> list[list[str]]:
    """What the README says that this command answers on the sample, one list of lines for each time."""
    found = []
    for block in blocks(ROOT / "README.md", "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE):
            typed, _, answered = part.partition("\n")
            if typed == f"nbpromote {command} {SAMPLE}":
                found.append(answered.split("\n\nrunning ", 1)[0].splitlines())
    return [lines for lines in found if lines]


def assert_told(told: list[str], real: str) -> None:
    """Every line stands in what the tool really says, in this order; `...` stands for what was left out."""
    lines, at = real.splitlines(), 0
    for line in told:
        if line.strip() in {"", "..."}:
            continue
        assert line in lines[at:], f"the README says, and the tool does not: {line}"
        at = lines.index(line, at) + 1


def test_the_readme_shows_what_plan_and_promote_really_say(planned: str) -> None:
    told = [*transcripts("plan"), *transcripts("promote")]
    assert told
    for lines in told:
        assert_told(lines, planned)


def test_the_readme_shows_what_check_really_says(shown: dict[str, str]) -> None:
    assert transcripts("check")
    for lines in transcripts("check"):
        assert_told(lines, clean(shown["check"]))


def test_the_readme_shows_the_parameters_that_the_sample_gets(planned: str) -> None:
    (shown,) = blocks(ROOT / "README.md", "python")
    assert_told([f"+{line}" for line in shown.splitlines()], planned)


def test_a_line_that_the_tool_does_not_say_is_found(planned: str) -> None:
    with pytest.raises(AssertionError, match="the tool does not"):
        assert_told(["Goes", "  cell 4   something else"], planned)


def test_the_picture_shows_what_plan_really_says(shown: dict[str, str]) -> None:
    held(ROOT / "docs" / "plan.svg", made_docs.picture(shown["plan"], f"nbpromote plan {SAMPLE}"))


def test_the_picture_fetches_nothing_and_is_small() -> None:
    picture = text_of(ROOT / "docs" / "plan.svg")
    assert set(re.findall(r"\w+://[^\s\"')<]+", picture)) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in picture
    assert len(picture) < 100_000


def test_transcripts_fit_a_terminal_of_a_hundred_columns() -> None:
    wide = [line for block in blocks(ROOT / "README.md", "console") for line in block.splitlines() if len(line) > 100]
    assert wide == []


def test_no_page_holds_the_address_of_a_package_index() -> None:
    hosts = ("py" + "pi.org", "python" + "hosted.org", "ana" + "conda.org", "conda" + "-forge.org")
    pattern = re.compile("|".join(map(re.escape, hosts)) + r"|://\S+/simple\b|--(extra-)?index-url[ =]\S")
    pages = [*PAGES, ROOT / "commonlib" / "CHANGELOG.md", ROOT / "docs" / "plan.svg"]
    assert [name_of(page) for page in pages if pattern.search(text_of(page))] == []
