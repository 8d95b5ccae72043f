import pytest

from nbpromote.environment.packages import normal_name, pypi_name, satisfies


@pytest.mark.parametrize(
    ("version", "spec", "answer"),
    [
        ("3.11.15", "=3.11", True),
        ("3.11.15", "3.11.*", True),
        ("3.12.1", "3.11.*", False),
        ("3.1.1", "=3.11", False),
        ("2.3.3", ">=2.3,<3", True),
        ("3.0.0", ">=2.3,<3", False),
        ("3.0.0", ">=2.3, <3", False),
        ("1.3.2", ">=1.3.1,<2.0a0", True),
        ("2.0", ">=1.3.1,<2.0a0", False),
        ("3.11", "3.11.* *_cp311", True),
        ("6.12.1", "5.*|6.*", True),
        ("7.0", "5.*|6.*", False),
        ("4.3.0", "==4.3.0", True),
        ("4.3", "4.3.0", True),
        ("1.2", "", True),
        ("1.2", "*", True),
        ("12.0.0.r4.gg4f2fc60ca", ">=12", None),
        ("1.0", "what is this?", None),
    ],
)
def test_a_spec_is_answered_as_conda_and_pip_would(version: str, spec: str, answer: bool | None) -> None:
    assert satisfies(version, spec) is answer


def test_names_that_differ_between_conda_and_pypi_are_the_same_package() -> None:
    assert pypi_name("python-tzdata") == "tzdata"
    assert pypi_name("ruamel.yaml") == normal_name("ruamel_yaml") == "ruamel-yaml"
    assert pypi_name("pandas") == "pandas"
