"""Secrets of the environment are known by their names, and hidden in whatever form they are printed."""

from pathlib import Path

import pytest

from nbpromote.proof.observer.secrets import find, is_in, masked


@pytest.mark.parametrize(
    "name",
    ["API_TOKEN", "GITHUB_TOKEN", "DB_PASSWORD", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "SENTRY_DSN"],
)
def test_a_variable_with_such_a_name_is_a_secret(name: str) -> None:
    assert masked("it is s3cr3t-value!", find({name: "s3cr3t-value"})) == f"it is <secret {name}>!"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PWD", "/"),
        ("PATH", "/usr/bin:/bin"),
        ("TOKENIZERS_PARALLELISM", "falsefalse"),
        ("KEYBOARD_LAYOUT", "de_CH.UTF-8"),
        ("TOKEN", "short"),
        ("TOKEN_COUNT", "123456789"),
        ("TOKEN_URL", "https://login.example.com"),
        ("SSH_AUTH_SOCK", "/tmp/agent.sock"),
    ],
)
def test_other_variables_are_not(name: str, value: str) -> None:
    assert find({name: value}) == {}


def test_a_path_of_credentials_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "key.json").touch()
    assert find({"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}) == {}


def test_a_secret_of_several_lines_or_with_quotes_is_hidden_in_any_form() -> None:
    secrets = find({"PRIVATE_KEY": 'first "half"\nsecond half'})
    for form in ('first "half"\nsecond half', 'first \\"half\\"\\nsecond half', "second half"):
        assert "half" not in masked(form, secrets)


def test_a_secret_within_a_text_is_found() -> None:
    secrets = find({"TOKEN": "abcdefghij"})
    assert is_in([1, "Bearer abcdefghij"], secrets)
    assert not is_in(["abc", None], secrets)
