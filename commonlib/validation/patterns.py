"""Regular expressions that Java's engine (Spark) and RE2 (arrow) read alike; what they read otherwise is refused.

Java: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html
RE2: https://github.com/google/re2/wiki/Syntax
"""

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

# RE2 leaves the vertical tab out of \s, Java has it in.
_SPACE = r"\t\n\x0B\f\r "
# Brackets with nothing in them but letters, digits and ranges of these.
_PLAIN = re.compile(r"(?<!\\)(?<!\\c)\[\^?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9])+\]")
_TOKEN = re.compile(r"\\Q.*?(?:\\E|$)|\\x\{[^}]*\}|\\[pP]\{[^}]*\}|\\.|\[\^?\]?|.", re.DOTALL)


def check(text: str) -> None:
    """That the expression says one thing everywhere. Raises ValueError, which says what to write instead."""
    before = ""
    for token, is_inside in _tokens(text):
        if re.fullmatch(r"\\[1-9kgG]", token) or (before in tuple("*+?}") and token == "+" and not is_inside):
            raise ValueError(f"{text!r} looks back or matches possessively, which not every engine can")
        if token in (r"\b", r"\B", r"\Z"):
            raise ValueError(f"{text!r} has {token}, of which engines think differently; write what may stand there")
        if is_inside and (token in ("[", r"\S", r"\Q") or (token == "&" and before == "&")):
            raise ValueError(f"{text!r} has {token} within brackets, which engines read differently; write it out")
        before = token
    if re.search(r"(?<!\\)\(\?(?:[=!>P]|<[=!]|[a-z]*[^a-z:)-])", text):
        raise ValueError(f"{text!r} looks around or names a group, which not every engine can; groups are (?:...)")
    if (found := re.search(r"(?<!\\)\(\?([a-z-]+)", text)) and set(found[1]) - set("is-"):
        raise ValueError(f"{text!r} has the flags {found[1]!r}; every engine knows i and s")
    try:
        re.compile(re.sub(r"\\[pP](\{\^?\w+\}|[A-Z])", "a", text).replace(r"\z", r"\Z"))
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    try:
        pc.match_substring_regex(pa.array([""]), for_arrow(text))
    except pa.ArrowInvalid as error:
        raise ValueError(f"{text!r} is no regular expression that every engine knows: {error}") from error


def for_arrow(text: str) -> str:
    """The expression, of the whole text, for RE2."""
    return rf"\A(?:{_with_spaces(text)})\z"


def for_spark(text: str) -> str:
    """The expression, of the whole text, for Java: "." stops at a newline alone (d), case is of all scripts (u)."""
    flagged = re.sub(r"(?<!\\)\(\?([a-z]*i)", r"(?\1u", _with_spaces(text))
    return rf"(?d)\A(?:{_spelled_out(flagged)})\z"


def _spelled_out(text: str) -> str:
    """With [0-3] as [0123]: Java looks such a character up in one table, and asks one range after another otherwise."""
    if r"\Q" in text or re.search(r"\(\?[^:]", text):  # quoted brackets are none; case is folded otherwise in ranges
        return text

    def spell(match: re.Match[str]) -> str:
        return "".join(chr(each) for each in range(ord(match[1]), ord(match[2]) + 1))

    return _PLAIN.sub(lambda match: re.sub("(.)-(.)", spell, match[0]), text)


def _with_spaces(text: str) -> str:
    found = []
    for token, is_inside in _tokens(text):
        if token == r"\s":
            token = _SPACE if is_inside else f"[{_SPACE}]"  # noqa: PLW2901
        elif token == r"\S":
            token = f"[^{_SPACE}]"  # noqa: PLW2901
        found.append(token)
    return "".join(found)


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Each part of the expression, and whether it stands within brackets."""
    is_inside, at = False, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        token = match[0] if match else text[at]
        if is_inside and token.startswith("["):
            token = "["
        at += len(token)
        yield token, is_inside
        if token.startswith("["):
            is_inside = True
        elif token == "]":
            is_inside = False
