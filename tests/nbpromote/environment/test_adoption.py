"""The smallest change to what is asked for that admits what a notebook ran with."""

import tomllib

import pytest

from nbpromote.environment import parse_environment
from nbpromote.environment.adoption import Adoption, find_adoption
from nbpromote.environment.edits import edit_environment, edit_project
from nbpromote.environment.needs import Need
from nbpromote.environment.widening import admitting

ASKED = """\
# what we use
channels: [conda-forge]
platforms: [linux-64]
dependencies:
- python =3.11
- pandas >=2.3,<3  # not yet three
- pip:
  - rich>=15
  - "lib[extra]==1.2"   # exactly
variables: {A: b}
"""


@pytest.mark.parametrize(
    ("line", "version", "becomes"),
    [
        ("pandas >=2.3,<3", "2.4.1", "pandas >=2.3,<3"),
        ("pandas >=2.3,<3", "3.0.2", "pandas >=2.3,<4"),
        ("pandas>=2.3,<2.5", "2.6.1", "pandas>=2.3,<2.7"),
        ("lib<=1.9", "2.1", "lib<2.2"),
        ("lib[extra]==1.2", "1.3.1", "lib[extra]==1.3.1"),
        ("lib==1.2.*", "1.3.1", "lib==1.3.*"),
        ("lib~=1.2", "2.5.3", "lib~=2.5"),
        ("lib>=1,!=1.4", "1.4", "lib>=1"),
        ("python =3.11", "3.12.4", "python =3.12"),
        ("lib 1.2.*", "1.3.1", "lib 1.3.*"),
        ("conda-forge::lib ==1.2", "1.3", "conda-forge::lib ==1.3"),
        ("lib<2 ; sys_platform == 'linux'", "2.1", "lib<3 ; sys_platform == 'linux'"),
        ("lib", "9", "lib"),
    ],
)
def test_a_line_is_widened_no_further_than_it_must(line: str, version: str, becomes: str) -> None:
    assert admitting(line, version) == becomes


def found(needs: list[Need], ran: dict[str, str]) -> Adoption:
    locked = {"pandas": "2.3.3", "rich": "15.0.0", "lib": "1.2", "six": "1.16"}
    return find_adoption(needs, ran, locked, parse_environment(ASKED))


def test_newer_and_new_packages_move_and_older_ones_are_told() -> None:
    needs = [
        Need("pandas", ("pandas",)),
        Need("lib", ("lib",), asked=("lib==1.3",)),
        Need("rich", ("rich",)),
        Need("six", ("six",)),
        Need("polars", ("polars",), asked=("polars",)),
        Need("cudf", ("cudf",), is_optional=True),
        Need("black", asked=("black",)),
    ]
    adoption = found(needs, {"pandas": "3.0.1", "lib": "1.2", "rich": "14.0", "six": "1.17.0"})
    assert [str(move) for move in adoption.moves] == [
        "pandas 2.3.3 -> 3.0.1",
        "lib 1.2 -> 1.3",
        "six 1.17.0 is new",
        "polars of a version that is not known is new",
    ]
    assert adoption.versions == {"pandas": "3.0.1", "lib": "1.3", "six": "1.17.0"}
    assert [note.partition(" ")[0] for note in adoption.notes] == ["rich:", "black"]
    assert edit_environment(ASKED, adoption.moves) == (
        ASKED.replace("pandas >=2.3,<3 ", "pandas >=2.3,<4 ")
        .replace("lib[extra]==1.2", "lib[extra]==1.3")
        .replace("# exactly\n", "# exactly\n  - six>=1.17\n  - polars\n")
    )


def test_what_ran_with_what_is_locked_changes_nothing() -> None:
    adoption = found([Need("pandas", ("pandas",)), Need("rich", ("rich",))], {"pandas": "2.3.3", "rich": "15.0.0"})
    assert adoption == Adoption((), ())
    assert edit_environment(ASKED, adoption.moves) == ASKED


def test_a_pip_part_is_begun_where_there_is_none() -> None:
    moves = found([Need("polars", ("polars",))], {"polars": "1.30.0"}).moves
    text = "name: a\ndependencies:\n  - python =3.11\n  # the last\n  - pandas\nvariables: {A: b}\n"
    assert edit_environment(text, moves) == text.replace("- pandas\n", "- pandas\n  - pip:\n    - polars>=1.30\n")
    assert parse_environment(edit_environment("dependencies:\n- python", moves)).pip == ("polars>=1.30",)


def test_the_projects_requirements_follow() -> None:
    project = (
        '[project]\nname = "x"\ndependencies = [\n  "pandas>=2.3,<3", # why\n  "lib[extra]==1.2",\n]\n'
        '[dependency-groups]\nnotebooks = ["scipy>=1.17"]\n'
    )
    moves = found([Need("pandas", ("pandas",)), Need("six", ("six",))], {"pandas": "3.0.1", "six": "1.17.0"}).moves
    edited = tomllib.loads(edit_project(project, moves))
    assert edited["project"]["dependencies"] == ["pandas>=2.3,<4", "lib[extra]==1.2"]
    assert edited["dependency-groups"]["notebooks"] == ["scipy>=1.17", "six>=1.17"]
