"""What the writes of one notebook are called in the lake."""

import ast
import posixpath
from dataclasses import replace
from itertools import chain, count

from nbpromote.promotion.code import parse_cell
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.writes import Site
from nbpromote.promotion.writes.naming import Place, computed_place, literal_place, slug


class Names:
    """What the writes of one notebook are called; equal places share a dataset, and other places have others."""

    def __init__(self, draft: Draft, sites: tuple[Site, ...]) -> None:
        self.sites = sites
        self.known = _known_texts(draft)
        self.given: dict[str, str] = {}
        self.path = _free_name(draft)

    def place(self, site: Site) -> Place:
        """Where this site writes."""
        expression = _expression(site)
        known = set(site.targets)
        only = literal_place(next(iter(known))) if len(known) == 1 else None
        if expression is not None and not (isinstance(expression, ast.Name) and only and site.function is None):
            place = self._of_function(site, computed_place(expression, self.known))
            if place.pattern is not None:
                return place
            if only:
                return replace(place, key=only.key, stem=only.stem, pattern=only.pattern)
            folder = _folder_of(known)
            return replace(place, key=f"{folder}/", stem=folder) if folder else place
        if only is not None:
            return only
        return self._of_function(site, computed_place(expression, {})) if expression else literal_place("data")

    def _of_function(self, site: Site, place: Place) -> Place:
        """The place, with the function's name where nothing else names it."""
        return place if place.stem else replace(place, key=f"{place.key} of {site.function}")

    def dataset(self, draft: Draft, site: Site, place: Place) -> str:
        """`derived/NAME`, by what the place, or else the function or the notebook, is called."""
        if place.key not in self.given:
            name = slug(place.stem) or slug(site.function or "") or draft.options.name
            kind = posixpath.splitext(place.key)[1].lstrip(".")
            other = [f"{name}_{slug(kind)}"] if kind.isalnum() else []
            names = chain([name], other, (f"{name}_{number}" for number in count(2)))
            found = (f"derived/{one}" for one in names)
            self.given[place.key] = next(one for one in found if one not in self.given.values())
        return self.given[place.key]

    def others(self, site: Site, place: Place) -> tuple[Site, ...]:
        """The other sites that write to the same place."""
        return tuple(one for one in self.sites if one is not site and self.place(one).key == place.key)


def _known_texts(draft: Draft) -> dict[str, str]:
    """Names of the notebook that hold a text from one assignment, and are no parameters."""
    parameters = {one.name for one in draft.parameters}
    held: dict[str, list[ast.expr]] = {}
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                held.setdefault(node.id, [])
            elif isinstance(node, ast.arg):
                held.setdefault(node.arg, []).extend([ast.Constant(None), ast.Constant(None)])
        for statement in code.tree.body if code else ():
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if isinstance(target, ast.Name):
                    held.setdefault(target.id, []).append(statement.value)
    return {
        name: values[0].value
        for name, values in held.items()
        if name not in parameters
        and len(values) == 1
        and isinstance(values[0], ast.Constant)
        and isinstance(values[0].value, str)
    }


def _folder_of(targets: set[str]) -> str:
    """The folder that all these places share; empty when there is none."""
    folders = {posixpath.basename(posixpath.dirname(one)) for one in targets}
    return next(iter(folders)) if len(folders) == 1 else ""


def _expression(site: Site) -> ast.expr | None:
    """The expression that names the place."""
    where = site.access.expression_span
    found = [one for one in ast.walk(site.call) if isinstance(one, ast.expr) and site.code.span(one) == where]
    return found[0] if found else None


def _free_name(draft: Draft) -> str:
    """A name for the path that no kept cell uses."""
    used: set[str] = set()
    for cell in draft.kept_code:
        code = parse_cell(cell.source)
        for node in ast.walk(code.tree) if code else ():
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.arg):
                used.add(node.arg)
    return next(name for name in ("path", "output_path", "lake_path", "committed_path") if name not in used)
