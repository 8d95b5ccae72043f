"""A verdict as the file that is kept beside the production notebook."""

import hashlib
import json
from collections.abc import Mapping

from nbpromote.proof.verdict import Verdict


def render(
    verdict: Verdict,
    *,
    source: str,
    source_sha256: str,
    files: Mapping[str, bytes],
    packages: Mapping[str, str],
    made: str,
    version: str,
) -> bytes:
    """The proof as JSON: what was compared and how it came out, of which source, and which files it vouches for."""
    content = {
        "verdict": str(verdict.outcome),
        "source": source,
        "source_sha256": source_sha256,
        "tolerance": verdict.tolerance,
        "compared": [
            {"what": one.subject, "outcome": str(one.outcome), "detail": one.detail, "weight": str(one.weight)}
            for one in verdict.comparisons
        ],
        "notes": list(verdict.notes),
        "files": {path: sha256(content) for path, content in files.items()},
        "made": made,
        "with": {"nbpromote": version, **packages},
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def vouched(proof: bytes | None) -> dict[str, str]:
    """Path -> sha256 of the files that a kept proof vouches for; empty when there is none, or it cannot be read."""
    try:
        found = json.loads(proof or b"{}").get("files", {})
        return {str(path): str(digest) for path, digest in found.items()}
    except (ValueError, AttributeError):
        return {}


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
        found = json.loads(proof or b"{}").get("verdict")
    except (ValueError, AttributeError):
        return None
    return str(found) if found else None
