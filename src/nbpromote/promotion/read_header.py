"""What the header of a production notebook says of its promotion."""

from collections.abc import Mapping

import yaml


def header_of(production: bytes | None) -> Mapping[str, object]:
    """What a production notebook's header says of its promotion; empty when there is none."""
    if not production or not production.startswith(b"# ---"):
        return {}
    lines = production.decode("utf-8", "replace").splitlines()
    try:
        end = lines.index("# ---", 1)
        content = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1:end]))
        header = content["jupyter"]["nbpromote"]
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        return {}
    return header if isinstance(header, dict) else {}
