"""Secrets that a notebook takes from its environment, known by the names of their variables.

They never reach what is kept of a run: an executed notebook, a record, a proof, a recorded call.
"""

import html
import json
import os
import re
from collections.abc import Iterable, Mapping

_NAMES = re.compile(
    r"password|passwd|passphrase|apikey|(?:^|_)(?:token|secrets?|pwd|api_key|access_key(?:_id)?|secret_key|private_key"
    r"|account_key|credentials?|dsn|sas|connection_?string)(?:_|$)",
    re.IGNORECASE,
)
_ABOUT_ONE = re.compile(r"_(?:url|uri|path|file|dir|name|type|user|host|endpoint|scope|limit|ttl)$", re.IGNORECASE)
_SHORTEST = 8
_DOTS = ("...", "\N{HORIZONTAL ELLIPSIS}")


def find(environment: Mapping[str, str]) -> dict[str, str]:
    """Secret -> what stands in its place. Files' names, numbers and short words are no secrets."""
    found: dict[str, str] = {}
    for name, value in environment.items():
        if not _NAMES.search(name) or _ABOUT_ONE.search(name):
            continue
        for line in (value, *value.splitlines()):  # a key of many lines may be printed line by line
            text = line.strip()
            if len(text) >= _SHORTEST and not text.isdigit() and not os.path.exists(text):
                for form in (text, json.dumps(text)[1:-1], repr(text)[1:-1], html.escape(text)):
                    found.setdefault(form, f"<secret {name}>")
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def masked(text: str, secrets: Mapping[str, str]) -> str:
    """The text without secrets, and without what a table shows of a long one before its dots."""
    for secret, name in secrets.items():
        if secret in text:
            text = text.replace(secret, name)
        for dots in _DOTS:
            if secret[:_SHORTEST] in text and dots in text:
                for length in range(len(secret) - 1, _SHORTEST - 1, -1):
                    text = text.replace(secret[:length] + dots, name)
    return text


def is_in(texts: Iterable[object], secrets: Mapping[str, str]) -> bool:
    """Whether one of these texts holds a secret."""
    return any(isinstance(text, str) and any(secret in text for secret in secrets) for text in texts)
