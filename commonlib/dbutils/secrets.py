"""Secrets from the environment or the system's keyring, kept out of what cells show."""

import os
import re
from types import SimpleNamespace
from typing import Any

from commonlib.dbutils.redaction import SHOWN, keep_out
from commonlib.errors import CommonlibError


class NoSuchSecret(CommonlibError, KeyError):
    """A secret that is nowhere. The message never holds one."""

    def __init__(self, scope: str, key: str) -> None:
        self.scope, self.key = scope, key
        super().__init__(scope, key)

    def __str__(self) -> str:
        return (
            f"dbutils.secrets: {self.scope}/{self.key} is nowhere; set the environment variable "
            f"{variable_of(self.scope, self.key)}, or keep it in the keyring as service {self.scope}, name {self.key}"
        )


class Secret(str):
    """A secret: text for whatever takes it, and redacted where it is shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(SHOWN)


def variable_of(scope: str, key: str) -> str:
    """The environment variable that holds this secret."""
    return re.sub(r"\W", "_", f"{scope}_{key}").upper()


class Secrets:
    """`dbutils.secrets`."""

    def get(self, scope: str, key: str) -> str:
        """The secret; what is printed of it later is redacted."""
        value = os.environ.get(variable_of(scope, key)) or _of_keyring(scope, key)
        if value is None:
            raise NoSuchSecret(scope, key)
        keep_out(value)
        return Secret(value)

    def getBytes(self, scope: str, key: str) -> bytes:  # noqa: N802
        """The secret as bytes."""
        return self.get(scope, key).encode()

    def list(self, scope: str) -> list[Any]:
        """The names that this scope has among the environment variables."""
        prefix = variable_of(scope, "")
        found = [name.removeprefix(prefix).lower() for name in sorted(os.environ) if name.startswith(prefix)]
        return [SimpleNamespace(key=name) for name in found]


def _of_keyring(scope: str, key: str) -> str | None:
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(scope, key)
    except Exception:  # no backend, a locked one: the secret is not to be had there
        return None
    return found
