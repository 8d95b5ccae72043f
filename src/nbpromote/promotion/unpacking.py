"""Places beside the notebook where it puts files itself before it reads them: archives unpacked, files fetched."""

import ast
import posixpath
from collections.abc import Mapping

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft, name_of

# What puts files somewhere, and which argument says where: its position and its name.
_MAKERS: Mapping[str, tuple[int, str]] = {
    "extractall": (0, "path"),
    "extract": (1, "path"),
    "unpack_archive": (1, "extract_dir"),
    "urlretrieve": (1, "filename"),
}


def made_places(draft: Draft) -> dict[str, str]:
    """Folder or file that a cell that stays fills with what is not a result -> how people are told of the cell."""
    found: dict[str, str] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Call) and (place := _place(node)) is not None:
                found.setdefault(posixpath.normpath(place), name_of(cell))
    return found


def maker_of(path: str, places: Mapping[str, str]) -> str | None:
    """The cell that puts this file where it is read, if one does."""
    if posixpath.isabs(path) or "://" in path:
        return None
    wanted = posixpath.normpath(path)
    return next((cell for place, cell in places.items() if wanted == place or wanted.startswith(f"{place}/")), None)


def _place(call: ast.Call) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in _MAKERS:
        return None
    position, keyword = _MAKERS[name]
    given = call.args[position] if len(call.args) > position else None
    given = given or next((one.value for one in call.keywords if one.arg == keyword), None)
    is_text = isinstance(given, ast.Constant) and isinstance(given.value, str) and bool(given.value)
    return given.value if is_text else None  # type: ignore[union-attr]
