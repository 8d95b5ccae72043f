"""A verdict as the file that is kept beside the production notebook."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from nbpromote.proof.terms import OTHER_ORDER
from nbpromote.proof.verdict import Comparison, Outcome, Repeat, Verdict


def render(
    verdict: Verdict,
    *,
    source: str,
    source_sha256: str,
    files: Mapping[str, bytes],
    packages: Mapping[str, str],
    made: str,
    version: str,
    bases: Mapping[str, bytes] | None = None,
    about: Mapping[str, object] | None = None,
    edited: Verdict | None = None,
    unproven: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """The proof as JSON: what was compared and how it came out, of which source, and which files it vouches for.

    `bases` are files as the promotion alone writes them, on which people's edits are merged when it is made again;
    `about` is what else there is to tell of the promotion. The verdict is on the promotion alone; `edited` is the one
    with people's edits, where these change results and were accepted. `unproven` is what is to be done before there is
    a proof: where, why, what to do.
    """
    content = {
        "verdict": str(Outcome.UNPROVEN if unproven else verdict.outcome),
        **({"to_do": [dict(zip(("where", "why", "what"), one, strict=True)) for one in unproven]} if unproven else {}),
        "source": source,
        "source_sha256": source_sha256,
        "tolerance": verdict.tolerance,
        "compared": _compared(verdict.comparisons),
        **_with_edits(edited),
        **_repeat(verdict.repeat),
        **({"saved_outputs": _compared(verdict.saved)} if verdict.saved else {}),
        "notes": list(verdict.notes),
        "files": {path: sha256(content) for path, content in files.items()},
        "made": made,
        **(about or {}),
        "with": {"nbpromote": version, **packages},
        "bases": {path: _packed(content) for path, content in sorted((bases or {}).items())},
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _compared(found: Iterable[Comparison]) -> list[dict[str, str]]:
    return [
        {"what": one.subject, "outcome": str(one.outcome), "detail": one.detail, "weight": str(one.weight)}
        for one in found
    ]


def _with_edits(edited: Verdict | None) -> dict[str, object]:
    if edited is None:
        return {}
    return {"with_edits": {"verdict": str(edited.outcome), "compared": _compared(edited.comparisons)}}


def _repeat(made: Repeat | None) -> dict[str, object]:
    """The run on other settings: what it changed, or why it was not made."""
    if made is None:
        return {}
    if made.why_not:
        return {"repeat": {"outcome": "not done", "why": made.why_not}}
    changed = [one for one in made.comparisons if one.outcome is not Outcome.SAME or OTHER_ORDER in one.detail]
    settings = {"settings": list(made.settings), "compared": len(made.comparisons)}
    return {"repeat": {"outcome": str(made.outcome), **settings, "not_the_same": _compared(changed)}}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def vouched(proof: bytes | None) -> dict[str, str]:
    """Path -> sha256 of the files that a kept proof vouches for; empty when there is none, or it cannot be read."""
    try:
        found = json.loads(proof or b"{}").get("files", {})
        return {str(path): str(digest) for path, digest in found.items()}
    except (ValueError, AttributeError):
        return {}


def bases(proof: bytes | None) -> dict[str, bytes]:
    """Path -> what the last promotion alone wrote there, or would have; empty when the proof does not hold it."""
    try:
        found = json.loads(proof or b"{}").get("bases", {})
        return {str(path): zlib.decompress(base64.b64decode(packed)) for path, packed in found.items()}
    except (ValueError, AttributeError, TypeError, zlib.error):
        return {}


def _packed(content: bytes) -> str:
    """Small, on one line, and no second place where a search would find the same code."""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def source(proof: bytes | None) -> str | None:
    """The ad-hoc notebook that a kept proof is of."""
    try:
        found = json.loads(proof or b"{}").get("source")
    except (ValueError, AttributeError):
        return None
    return str(found) if found else None


def outcome(proof: bytes | None) -> str | None:
    """The verdict of a kept proof, as text."""
    try:
        content = json.loads(proof or b"{}")
        found, has_edits = content.get("verdict"), "with_edits" in content
    except (ValueError, AttributeError):
        return None
    return f"{found}{', but for what people edited' if has_edits else ''}" if found else None
