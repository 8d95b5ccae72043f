"""From a file to a notebook, whatever the file is."""

import codecs
import io
import re
import stat
import tokenize
from pathlib import Path, PurePath

from nbpromote.errors import UnreadableNotebook
from nbpromote.notebook.formats import FORMATS
from nbpromote.notebook.model import Notebook

_KNOWN = (
    "known are .ipynb, Jupytext text (.py, .md, .Rmd, .qmd, .R and more) and Databricks source (.py, .sql, .r, .scala)"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path | str, *, name: str | None = None) -> Notebook:
    """The notebook in the file at `path`; `name` is what people are told it is called, if not the path.

    Raises UnreadableNotebook, which says what is wrong with the file and what to do.
    """
    told = name or str(path)
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            what = "is a folder" if Path(path).is_dir() else "is not a regular file"
            raise UnreadableNotebook(told, what, "name a notebook file")
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise UnreadableNotebook(told, "does not exist", "check the path") from error
    except PermissionError as error:
        raise UnreadableNotebook(told, "may not be read by you", "change its permissions") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableNotebook(told, f"cannot be read: {reason}", "check the path") from error
    return parse(data, told)


def parse(data: bytes, path: str) -> Notebook:
    """The notebook in the content of a file; `path` tells its format by its suffix, and is what messages name.

    Raises UnreadableNotebook, which says what is wrong with the content and what to do.
    """
    if not data.strip():
        raise UnreadableNotebook(path, "is empty", "save the notebook again")
    suffix = PurePath(path).suffix.lower()
    text, _ = decode(data, path)
    for member in FORMATS:
        if member.recognises(text, suffix):
            return member.parse(text, path)
    raise UnreadableNotebook(path, f"has a format that is not known ({suffix or 'no suffix'})", _KNOWN)


def decode(data: bytes, path: str) -> tuple[str, str]:
    """The text of a file, and the encoding that it is in."""
    suffix = PurePath(path).suffix.lower()
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    if encoding == "utf-8" and suffix == ".py":
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        except SyntaxError:
            encoding = "utf-8"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        reason = f"is not {encoding.upper()} text: byte 0x{data[error.start]:02X} at line {line}"
        hint = "save it as UTF-8, for example with iconv -f latin1 -t utf-8"
        raise UnreadableNotebook(path, reason, hint) from error
