"""Secrets come from where `pyproject.toml` says, and no message ever holds one."""

from pathlib import Path
from typing import ClassVar

import keyring
import pytest
from keyring.backend import KeyringBackend

from commonlib.dbutils import secrets as dbutils_secrets
from nbpromote.effects.files.repository import BadConfiguration
from nbpromote.effects.running.secret_sources import NoSuchSecret, resolve
from nbpromote.running.secret import parse, references

SOURCES = """
[tool.nbpromote.secrets]
desktop = { source = "keyring", service = "warehouse" }
plain = { source = "environment", prefix = "WAREHOUSE_" }
mounted = { source = "file", path = "secrets/{key}" }
lines = { source = "file", path = "lines.env" }
vault = { source = "command", command = ["sh", "-c", "echo hunter22; test $0 = fine || exit 3", "{key}"] }
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(SOURCES)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/db").write_text("two\nlines\n")
    (tmp_path / "lines.env").write_text("# comment\nexport other=1\ntoken='a=b=c'\n")
    monkeypatch.setenv("WAREHOUSE_password", "hunter22")
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("secret:env/WAREHOUSE_password", "hunter22"),
        ("secret:plain/password", "hunter22"),
        ("secret:mounted/db", "two\nlines"),
        ("secret:lines/token", "a=b=c"),
        ("secret:vault/fine", "hunter22"),
    ],
)
def test_a_secret_comes_from_its_source(root: Path, reference: str, value: str) -> None:
    assert resolve(root, references({"p": reference})) == {"p": value}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("secret:plain/absent", "the environment variable WAREHOUSE_absent is not set"),
        ("secret:mounted/../lines.env", "no folder above"),
        ("secret:mounted/absent", "No such file"),
        ("secret:lines/other", "shorter than 4 characters"),
        ("secret:vault/broken", "ended with exit code 3"),
        ("secret:elsewhere/x", "there are desktop, env, lines, mounted, plain, vault"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_without_telling_anything(
    root: Path, reference: str, said: str
) -> None:
    with pytest.raises(NoSuchSecret, match=said) as caught:
        resolve(root, references({"p": reference}))
    assert "hunter22" not in str(caught.value)
    assert reference in str(caught.value)


class Desktop(KeyringBackend):  # type: ignore[misc, unused-ignore]
    """A keyring as the package wants one, in memory."""

    priority = 1.0
    held: ClassVar = {("warehouse", "db"): "hunter22"}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


def test_a_secret_comes_from_the_keyring(root: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Desktop())
    try:
        assert resolve(root, {"p": parse("secret:desktop/db")}) == {"p": "hunter22"}
        with pytest.raises(NoSuchSecret, match="the keyring has no other of the service warehouse"):
            resolve(root, {"p": parse("secret:desktop/other")})
        assert dbutils_secrets._of_keyring("warehouse", "db") == "hunter22"
    finally:
        keyring.set_keyring(before)


def test_a_source_that_is_none_is_named(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.nbpromote.secrets]\nx = { source = "file", paht = "a" }\n')
    with pytest.raises(BadConfiguration, match="x knows no 'paht'; it may have path"):
        resolve(root, references({"p": "secret:x/y"}))


def test_only_a_whole_reference_is_one() -> None:
    assert parse("secret:a/b") is not None
    assert [parse(text) for text in ("secret:a", "secret:/b", "secret: a/b", "my secret:a/b", None, 3)] == [None] * 6
