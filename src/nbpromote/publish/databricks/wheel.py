"""commonlib as a wheel, the same bytes whenever it is made of the same files."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def name_of(version: str) -> str:
    """The wheel's file name."""
    return f"commonlib-{version}-py3-none-any.whl"


def wheel_of(files: Mapping[str, bytes], version: str, requires: Sequence[str]) -> bytes:
    """A wheel of these files, by their path in it; `requires` as its metadata tell it.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    about = f"commonlib-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    whole = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: commonlib\nVersion: {version}\n{needs}".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: nbpromote\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in sorted(whole.items())]
    whole[f"{about}/RECORD"] = "".join([*rows, f"{about}/RECORD,,\n"]).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in whole.items():
            entry = zipfile.ZipInfo(path, _WHEN)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return made.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
