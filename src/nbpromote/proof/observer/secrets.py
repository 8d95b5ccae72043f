"""Secrets that a notebook takes from its environment, known by the names of their variables.

They never reach what is kept of a run: an executed notebook, a record, a proof, a recorded call.
"""

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

_NAMES = re.compile(
    r"password|passwd|passphrase|apikey|(?:^|_)(?:token|secrets?|pwd|api_key|access_key(?:_id)?|secret_key|private_key"
    r"|account_key|credentials?|dsn|sas|connection_?string)(?:_|$)",
    re.IGNORECASE,
)
_ABOUT_ONE = re.compile(r"_(?:url|uri|path|file|dir|name|type|user|host|endpoint|scope|limit|ttl)$", re.IGNORECASE)
_SHORTEST = 8
SHORTEST_GIVEN = 4  # what is shorter is found in every other word
_ENCODERS = (base64.b64encode, base64.urlsafe_b64encode)
_DOTS = ("...", "\N{HORIZONTAL ELLIPSIS}")
_ESCAPED = {letter: f"\\{letter}" for letter in "&%$#_{}"}
_NAMED = {"\\": "textbackslash", "~": "textasciitilde", "^": "textasciicircum"}
_LATEX = (  # of R's tables, which notebooks keep beside their HTML, and of pandas'
    str.maketrans({**_ESCAPED, **{one: f"\\{name}{{}}" for one, name in {**_NAMED, "|": "textbar"}.items()}}),
    str.maketrans({**_ESCAPED, **{one: f"\\{name} " for one, name in _NAMED.items()}}),
)


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
    return longest_first(found)


def forms(secrets: Mapping[str, str]) -> dict[str, str]:
    """Each way in which these secrets (name -> value) may be shown -> what stands in its place.

    As they are, line by line, as JSON, Python, HTML, LaTeX, CSV and addresses write them, in hexadecimal and in
    Base64, where also in the midst of something longer. What a notebook takes apart itself, letter by letter, is not
    known again.
    """
    found: dict[str, str] = {}
    for name, value in secrets.items():
        for text in dict.fromkeys((value, value.strip(), *(line.strip() for line in value.splitlines()))):
            if len(text) < SHORTEST_GIVEN:
                continue
            written = [text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]]
            written += [html.escape(text), html.escape(text, quote=False), quote(text), quote(text, safe="")]
            written += [ascii(text)[1:-1], repr(text.encode())[2:-1], text.replace("|", "\\|")]
            written += [text.replace(mark, mark * 2) for mark in "\"'"]  # CSV and SQL
            written += [text.translate(escaped) for escaped in _LATEX]
            written += [quote_plus(text), text.encode().hex(), *_base64(text.encode())]
            for form in written:
                found.setdefault(form, f"<secret {name}>")
    return longest_first(found)


def _base64(value: bytes) -> list[str]:
    """Its Base64, and, of something longer with this in it, the part that hangs on this alone."""
    found = [base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode()]
    if len(value) >= _SHORTEST:
        for before in range(3):
            first, end = -(-8 * before // 6), 8 * (before + len(value)) // 6
            found += [encode(b"\0" * before + value).decode()[first:end] for encode in _ENCODERS]
    return found


def longest_first(found: Mapping[str, str]) -> dict[str, str]:
    """In the order in which they must be replaced: one may be a part of another."""
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
