"""Secrets of the environment are known by their names, and hidden in whatever form they are printed."""

import base64
import html
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from nbpromote.proof.observer.secrets import find, forms, is_in, masked


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


def test_what_a_table_shows_of_a_long_secret_is_hidden_too() -> None:
    secrets = find({"TOKEN": "abcdefghij" * 10})
    assert masked("|abcdefghijabcdefg...|", secrets) == "|<secret TOKEN>|"
    assert masked("abcdefghij", secrets) == "abcdefghij"


DRAW = """
import sys
from nbpromote.proof.observer import drawing
if sys.argv[1] == "after":
    import matplotlib.text
drawing.veil()
drawing.veil({"password": "hunter22&"})
from matplotlib.figure import Figure
axes = Figure().add_subplot()
axes.set_title("with s3cr3t-value"); axes.plot([1], label="s3cr3t-value"); legend = axes.legend()
axes.set_xlabel(None)
print(axes.get_title(), legend.get_texts()[0].get_text(), axes.text(0, 0, "s3cr3t-value hunter22&").get_text(), sep="|")
"""


@pytest.mark.parametrize("imported", ["before", "after"])
def test_no_secret_is_drawn_into_a_picture(imported: str) -> None:
    environment = {**os.environ, "API_TOKEN": "s3cr3t-value"}
    done = subprocess.run(
        [sys.executable, "-c", DRAW, imported], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "with <secret API_TOKEN>|<secret API_TOKEN>|<secret API_TOKEN> <secret password>\n", (
        done.stderr
    )


def test_a_given_secret_is_found_in_the_forms_in_which_programs_write_it() -> None:
    value = 'p&ss "wörd"/+42'
    masks = forms({"password": value})
    data = value.encode()
    shown = [value, repr(value), json.dumps(value), html.escape(value), quote_plus(value), data.hex()]
    shown += [repr(data), ascii(value), repr([data]), r'p\&ss "wörd"/+42']  # the last one in LaTeX
    shown += [base64.b64encode(before + data + b"@host").decode() for before in (b"", b"u", b"us", b"user:")]
    for text in shown:
        seen = masked(f"at {text}!", masks)
        assert "<secret password>" in seen, text
        assert not any(part in seen for part in ("wörd", "w\\u00f6rd", "w\\xc3", "w\\xf6", data[3:9].hex())), text
