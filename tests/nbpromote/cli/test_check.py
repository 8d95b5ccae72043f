"""`nbpromote check`: the report, its exit code, and what hostile notebooks may not do to a terminal."""

import json
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from nbpromote.analysis.checking import Checked
from nbpromote.analysis.findings import Finding, Severity
from nbpromote.cli import main
from nbpromote.cli.terminal import err, out
from nbpromote.effects.checking.batch import Checker
from nbpromote.effects.checking.cache import CheckCache
from nbpromote.publish.findings import render_github


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No check of a test meets what was cached before."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    out.cache_clear()
    err.cache_clear()
    return folder


def write(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {},
                "source": cell,
                "outputs": [],
                "execution_count": None,
            }
            for index, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


GOOD = ("import pandas as pd\ndf = pd.read_csv('a.csv')", "df.head()", "df.to_parquet('o.parquet')")


def test_a_report_shows_the_line_with_carets_and_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD[:2], "df['k'] = ghost + 1", GOOD[2])
    assert main(["check", str(path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    at = next(index for index, line in enumerate(shown) if line.startswith("blocks NB102"))
    assert shown[at].endswith("cell 3:1:11: uses ghost, which no cell binds")
    assert shown[at + 1] == "    1 | df['k'] = ghost + 1"
    assert shown[at + 2] == "      |           ^^^^^"
    assert "hint: bring back the cell" in shown[at + 3]


def test_what_only_warns_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path / "a.ipynb", *GOOD))]) == 0
    assert "can be promoted, with 1 warning; 2 of 3 code cells lead to 1 result" in capsys.readouterr().out


def test_a_folder_is_searched_and_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "one" / "a.ipynb", *GOOD)
    write(tmp_path / "two" / "b.ipynb", "x = 1")
    write(tmp_path / ".ipynb_checkpoints" / "c.ipynb", "syntax error here")
    (tmp_path / "script.py").write_text("x = 1\n")
    (tmp_path / "broken.ipynb").write_text("{")
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "3 notebooks: 1 can be promoted, 1 blocked, 1 without a result" in said.err
    assert "NB100" in said.out


def test_json_is_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", "print(ghost)")
    main(["check", "--format", "json", str(path)])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["path"] == str(path)
    wanted = {"code": "NB102", "cell": 1, "line": 1, "column": 7}
    assert any(wanted.items() <= finding.items() for finding in told["findings"])


def test_a_hostile_notebook_sends_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "a.ipynb", "'\x1b[2J\x1b]0;owned\x07\u202e' + ghost", "!echo \x1b[31m\x07", "x = = '\x1b[2J'"
    )
    main(["check", str(path)])
    shown = capsys.readouterr().out
    assert not any(control in shown for control in ("\x1b", "\x07", "\u202e"))
    assert "ghost" in shown


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "no.ipynb")]) == 2
    assert "there is no such file" in capsys.readouterr().err


SETTINGS = """
[tool.nbpromote.check]
ignore = ["NB170"]
exclude = ["drafts", "notebooks/old/*"]
specifications = "specifications"

[tool.nbpromote.check.per-file-ignores]
"notebooks/scratch/*" = ["NB1"]
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with settings, in which `mylib.shuffle` is known to change nothing."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "specifications").mkdir()
    (tmp_path / "specifications" / "mylib.toml").write_text('module = "mylib"\npure = ["mylib"]\n')
    for folder in ("drafts", "notebooks/old", "notebooks/scratch", "notebooks/new", "runs"):
        write(tmp_path / folder / "a.ipynb", *GOOD[:2], "ghost + 1", GOOD[2])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, list[str]]:
    """The codes of the findings, by notebook."""
    main(["check", "--format", "json", *words])
    return {one["path"]: [each["code"] for each in one["findings"]] for one in json.loads(capsys.readouterr().out)}


def test_settings_say_what_is_left_out(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys)
    assert set(found) == {"notebooks/new/a.ipynb", "notebooks/scratch/a.ipynb"}
    assert found["notebooks/scratch/a.ipynb"] == []
    assert "NB102" in found["notebooks/new/a.ipynb"]
    assert "NB170" not in found["notebooks/new/a.ipynb"]
    assert told(capsys, "drafts/a.ipynb").keys() == {"drafts/a.ipynb"}, "what is named is checked"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--select", "NB102"), {"NB102"}),
        (("--select", "NB102,NB17"), {"NB102", "NB170"}),
        (("--ignore", "NB1"), set()),
        (("--ignore", "NB1", "--select", "NB102"), {"NB102"}),
        (("--ignore", "NB102", "--select", "NB1"), {"NB112", "NB170"}),
    ],
)
def test_the_longer_beginning_of_a_code_decides(
    words: tuple[str, ...], expected: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD[:2], "ghost + 1", "df.to_csv('/tmp/o.csv')")
    found = set(told(capsys, str(path), *words)[str(path)])
    assert found & {"NB102", "NB170"} == expected & {"NB102", "NB170"}


def test_what_blocks_but_is_ignored_ends_with_0_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", GOOD[0], "x = = 1", "df['a'] = ghost", GOOD[2])
    assert main(["check", str(path)]) == 1
    assert main(["check", str(path), "--ignore", "NB101,NB102"]) == 0
    assert re.search(r"cannot be promoted: \d finding.? to mend first \(\d ignored here\)", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[tool.nbpromote.check]\nselekt = []", "did you mean select?"),
        ("[tool.nbpromote.check]\nignore = 3", "ignore must be a list of texts"),
        ('[tool.nbpromote.check]\nignore = ["NB9"]', "begins with 'NB9'"),
        ('[tool.nbpromote.check]\nspecifications = "nowhere"', "there is no folder"),
        ('[tool.nbpromote.check]\nspecifications = "."', "is no specification of a library"),
        ("[tool.nbpromote.check", "is not TOML"),
    ],
)
def test_wrong_settings_are_a_usage_error(
    settings: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.ipynb", *GOOD)
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "broken.toml").write_text("[functions]\nreads.f = 3\n")
    assert main(["check", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_code_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path / "a.ipynb", *GOOD)), "--select", "E501"]) == 2
    assert "NB102" in capsys.readouterr().err


def test_the_summary_tells_of_each_notebook_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.ipynb", *GOOD)
    (tmp_path / "b.ipynb").write_text("{")
    main(["check", str(tmp_path), "--summary"])
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert "most often: NB100 unreadable in 1" in said.err


# What GitHub's code scanning reads of SARIF 2.1.0; the whole schema is 3,000 lines and not ours to copy.
_SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name", "version", "rules"],
                                "properties": {
                                    "rules": {
                                        "items": {
                                            "required": ["id", "name", "shortDescription", "defaultConfiguration"],
                                            "properties": {
                                                "shortDescription": {"$ref": "#/definitions/message"},
                                                "fullDescription": {"$ref": "#/definitions/message"},
                                                "help": {"$ref": "#/definitions/message"},
                                            },
                                        }
                                    }
                                },
                            }
                        }
                    },
                    "results": {
                        "items": {
                            "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "level": {"enum": ["error", "warning", "note"]},
                                "message": {"$ref": "#/definitions/message"},
                                "locations": {"minItems": 1, "items": {"$ref": "#/definitions/location"}},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        }
                    },
                },
            },
        },
    },
    "definitions": {
        "message": {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "properties": {
                        "artifactLocation": {
                            "required": ["uri"],
                            "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}},
                        },
                        "region": {
                            "required": ["startLine"],
                            "properties": {"startLine": {"type": "integer", "minimum": 1}},
                        },
                    }
                }
            },
        },
    },
}


def test_sarif_is_valid_and_points_at_the_lines_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    path = write(tmp_path / "a b ü.ipynb", *GOOD[:2], "# here\nghost + 1", GOOD[2])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"x": "\n"}, indent=1))
    (tmp_path / "c.py").write_text("# %%\nx = 1\n\n# %%\n# %matplotlib inline\nprint(x, ghost)\n")
    (tmp_path / "broken.ipynb").write_text("{")
    main(["check", "--format", "sarif"])
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, _SARIF)
    (run,) = document["runs"]
    assert all(run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    places = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: each["locations"][0]
        for each in run["results"]
        if each["ruleId"] in {"NB102", "NB100"}
    }
    assert places.keys() == {"a%20b%20%C3%BC.ipynb", "c.py", "broken.ipynb"}
    lines = path.read_text().splitlines()
    place = places["a%20b%20%C3%BC.ipynb"]
    assert "ghost + 1" in lines[place["physicalLocation"]["region"]["startLine"] - 1]
    assert place["logicalLocations"][0]["name"] == "cell 3, line 2"
    assert places["c.py"]["physicalLocation"]["region"]["startLine"] == 6


def test_a_fingerprint_stays_when_cells_come_above(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prints(*cells: str) -> set[str]:
        main(["check", "--format", "sarif", "--select", "NB102", str(write(tmp_path / "a.ipynb", *cells))])
        results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        return {each["partialFingerprints"]["finding/v1"] for each in results}

    before = prints(*GOOD[:2], "print(ghost)", "print(ghost)", GOOD[2])
    assert len(before) == 2
    assert prints("# more", GOOD[0], "# and more", GOOD[1], "print(ghost)", "print(ghost)", GOOD[2]) == before


def test_github_gets_one_escaped_command_for_each_finding() -> None:
    finding = Finding("NB102", "x", 2, "c", None, "uses a,b:100%\n::error::forged\r", "mend\nit", Severity.BLOCKS)
    text = render_github([Checked("x", (finding, finding), file_lines=(7, None))], lambda _: "a,b:%\n.ipynb")
    first, second = text.split("\n")
    assert first == (
        "::error file=a%2Cb%3A%25%0A.ipynb,line=7,title=NB102 in cell 2"
        "::uses a,b:100%25%0A::error::forged%0D; mend%0Ait"
    )
    assert ",line=1," in second


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_no_form_sends_a_control_character(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.ipynb", "'\x1b[2J\x1b]0;owned\x07\u202e' + ghost", "x = = '\x1b[2J'")
    main(["check", "--format", form, str(path)])
    shown = capsys.readouterr().out
    assert not any(control in shown for control in ("\x1b", "\x07", "\u202e"))


def test_a_file_name_that_is_no_text_is_shown_harmlessly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"a\x9b31m\xff.ipynb")
    os.rename(write(tmp_path / "a.ipynb", "ghost + 1"), tmp_path / name)  # noqa: PTH104
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    for form in ("text", "json", "sarif", "github"):
        main(["check", "--format", form, str(tmp_path)])
        assert not re.search("[\ud800-\udfff\x9b]", capsys.readouterr().out)


def many(folder: Path, count: int = 12) -> list[Path]:
    return [write(folder / f"n{number:02}.ipynb", *GOOD[:2], f"ghost{number}", GOOD[2]) for number in range(count)]


def test_many_notebooks_are_checked_in_processes_and_told_in_order(tmp_path: Path) -> None:
    paths = many(tmp_path)
    apart = list(Checker((), CheckCache(None), processes=2).check_files(paths))
    assert apart == [Checker((), CheckCache(None)).check_file(path) for path in paths]
    assert [one.path for one in apart] == [str(path) for path in paths]


class Deadly(Checker):
    """Ends its process over one of the notebooks, as a crash of the interpreter would."""

    def check_file(self, path: Path) -> Checked:
        if path.stem == "n05":
            assert multiprocessing.parent_process() is not None
            os._exit(9)
        return super().check_file(path)


def test_a_notebook_that_ends_its_process_is_a_finding_and_the_rest_goes_on(tmp_path: Path) -> None:
    checked = list(Deadly((), CheckCache(None), processes=2).check_files(many(tmp_path)))
    assert len(checked) == 12
    assert [one.path[-9:-6] for one in checked if one.findings[0].code == "NB100"] == ["n05"]


def entries(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file() and path.name != "tidied"]


def test_the_second_check_tells_the_same_from_the_cache(tmp_path: Path, cache: Path) -> None:
    paths = many(tmp_path, 3)
    first = list(Checker((), CheckCache(cache)).check_files(paths))
    assert len(entries(cache)) == 3

    class Known(Checker):
        def check_file(self, path: Path) -> Checked:
            raise AssertionError(path)

    assert list(Known((), CheckCache(cache)).check_files(paths)) == first
    moved = paths[0].rename(tmp_path / "moved.ipynb")
    (again,) = Known((), CheckCache(cache)).check_files([moved])
    assert {finding.path for finding in again.findings} == {str(moved)}


def test_a_changed_notebook_and_changed_specifications_are_checked_again(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "notebooks/new/a.ipynb"
    before = told(capsys, path)[path]
    write(repository / path, *GOOD)
    assert told(capsys, path)[path] != before
    cells = ("import mylib\nd = {}", "mylib.shuffle(d)", "open('o', 'w').write(str(d))")
    write(repository / path, *cells)
    assert "NB170" in told(capsys, "--select", "NB170", path)[path]
    (repository / "specifications" / "mylib.toml").write_text('module = "mylib"\n[functions]\nchanges.shuffle = [0]\n')
    words = [sys.executable, "-m", "nbpromote.cli", "check", "--format", "github", "--select", "NB170", path]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\x00", None])
def test_a_broken_cache_is_not_there(
    damage: bytes | None, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(tmp_path / "a.ipynb", *GOOD[:2], "ghost", GOOD[2]))
    before = told(capsys, path)
    for entry in entries(cache):
        entry.write_bytes(entry.read_bytes().replace(b"ghost", b"goats") if damage is None else damage)
    assert told(capsys, path) == before


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert main(["check", str(write(tmp_path / "a.ipynb", *GOOD))]) == 0
    assert capsys.readouterr().err == ""


def test_without_the_cache_nothing_is_read_or_kept(tmp_path: Path, cache: Path) -> None:
    main(["check", "--no-cache", str(write(tmp_path / "a.ipynb", *GOOD))])
    assert entries(cache) == []


def test_two_checks_at_once_share_the_cache(tmp_path: Path, cache: Path) -> None:
    many(tmp_path)
    words = [sys.executable, "-m", "nbpromote.cli", "check", "--format", "json", str(tmp_path)]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    answers = [one.communicate() for one in running]
    assert [one.returncode for one in running] == [0, 0] or [one.returncode for one in running] == [1, 1]
    assert answers[0] == answers[1]
    assert len(entries(cache)) == 12


def test_what_a_promotion_refuses_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    append = "for k in 'ab':\n    spark.table('t').write.mode('append').parquet('o')"
    path = write(tmp_path / "a.ipynb", append, "import shutil\nshutil.copyfile('a.txt', 'b.txt')")
    assert main(["check", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "blocks PR202" in shown
    assert "blocks PR204" in shown
    assert "NB110" not in shown.split("PR202")[0]  # the append is told once
    assert "cannot be promoted: 2 findings to mend first" in shown
    assert main(["check", "--ignore", "PR", str(path)]) == 0
    assert "cannot be promoted: 2 findings to mend first (2 ignored here)" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["plan", str(path)]) == 1
    assert {"PR202", "PR204"} <= set(re.findall(r"blocks (\w+)", capsys.readouterr().err))


def test_a_package_that_functions_would_move_over_is_told_and_so_is_that_it_has_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = "def twice(x):\n    return 2 * x"
    path = write(tmp_path / "mine.ipynb", "import mine", twice, "df = mine.load(twice(1))", "df.to_parquet('o')")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/__init__.py").write_text("def load(): ...\n")
    words = [sys.executable, "-m", "nbpromote.cli", "check", "--select", "PR304", str(path)]
    for there in (True, False):
        (tmp_path / "mine/__init__.py").unlink() if not there else None
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert ("PR304" in done.stdout) is there


def test_plans_and_dry_runs_know_the_specifications_too(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "specifications" / "mylib.toml").write_text(
        'module = "mylib"\n[functions.writes]\nkeep = { file = [0, "path"], data = 1, mode = "overwrite" }\n'
    )
    path = write(repository / "notebooks" / "new" / "a.ipynb", "import mylib\nd = {}", "mylib.keep('o.bin', d)")
    assert main(["init"]) == 0
    assert main(["plan", str(path)]) == 0
    assert "o.bin was overwritten in place" in " ".join(capsys.readouterr().out.split())
    assert main(["run", "--dry-run", str(path)]) == 0
    assert "writes o.bin (cell 2)" in capsys.readouterr().out


def test_a_notebook_that_runs_another_is_checked_with_it_and_says_when_that_is_not_there(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write(repository / "notebooks/adhoc/other.ipynb", "def clean(frame):\n    return frame\n\nprint(clean)")
    path = write(repository / "notebooks/adhoc/main.ipynb", "%run other.ipynb", "clean(3)")
    assert main(["check", str(path)]) == 0
    assert "other.ipynb" not in capsys.readouterr().out
    other.unlink()  # it is not told from the cache
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "blocks PR305" in said
    assert "runs other.ipynb, which is not there" in said
