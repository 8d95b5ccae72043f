"""The keys by which cells that touch the same data keep their order."""

import posixpath

from nbpromote.analysis.facts import Access, AccessKind


def resource_of(access: Access) -> str:
    """The key of what is read or written."""
    if access.target is None:
        return f"{access.kind} ?"
    if access.kind is AccessKind.FILE:
        scheme, mark, path = access.target.removeprefix("file://").rpartition("://")
        return f"file {scheme}{mark}{posixpath.normpath(path)}"
    if access.kind in {AccessKind.TABLE, AccessKind.TEMP_VIEW}:
        return f"{access.kind} {access.target.lower().removeprefix('global_temp.')}"
    return f"{access.kind} {access.target}"
