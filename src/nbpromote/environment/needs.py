"""What a notebook needs to have installed: what it imports, and what it asks pip and conda for."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from nbpromote.environment.distributions import distribution_of
from nbpromote.environment.packages import normal_name

if TYPE_CHECKING:  # a run asks this package for versions, and has no need of the analysis
    from nbpromote.analysis.facts import Facts, Import

_CONDA = re.compile(r"(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)\s*((?:[=<>!~].*)?)")
_GIT = re.compile(r"(?:git|hg|svn)\+.*?/([\w.-]+?)(?:\.git)?(?:@[^#]*)?(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Need:
    """A distribution that a notebook needs.

    `modules` are the modules of it that are imported, `cells` the numbers of the cells that import or install it;
    `is_optional` when every import of it stands in a `try` that goes on without it; `is_lazy` when all stand in
    functions; `is_known` unless the distribution's name is only taken from the module's. `asked` is what pip or conda
    is asked for, as it is written.
    """

    distribution: str
    modules: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()
    is_optional: bool = False
    is_lazy: bool = False
    is_known: bool = True
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement of a pip or conda command: `spec` is the versions that it allows, as it is written."""

    distribution: str
    spec: str
    text: str


def find_needs(
    facts: "Facts", installed: Mapping[str, Sequence[str]], *, own: Collection[str] = frozenset()
) -> tuple[Need, ...]:
    """What the notebook needs, by distribution.

    Args:
        facts: What is known of the notebook.
        installed: Import name -> distributions, as `importlib.metadata.packages_distributions` gives it.
        own: Names of modules that stand beside the notebook, and are installed from nowhere.
    """
    numbers = {cell.id: cell.number for cell in facts.notebook.cells}
    imports = [(each, numbers[cell.cell_id]) for cell in facts.cells for each in cell.imports]
    asked: dict[str, list[tuple[str, int]]] = {}
    for cell in facts.cells:
        for text in cell.pip_requirements:
            requirement = parse_requirement(text)
            if requirement is not None:
                asked.setdefault(requirement.distribution, []).append((text, numbers[cell.cell_id]))
    return _needs(imports, asked, installed, own)


def find_module_needs(
    imports: "Sequence[Import]",
    installed: Mapping[str, Sequence[str]],
    *,
    own: Collection[str] = frozenset(),
    is_late: bool = False,
) -> tuple[Need, ...]:
    """What a module needs; as `find_needs`. `is_late` where it is itself imported in functions only."""
    found = _needs([(each, 1) for each in imports], {}, installed, own)
    return tuple(replace(need, is_lazy=need.is_lazy or is_late) for need in found)


def _needs(
    imported: "Sequence[tuple[Import, int]]",
    asked: Mapping[str, list[tuple[str, int]]],
    installed: Mapping[str, Sequence[str]],
    own: Collection[str],
) -> tuple[Need, ...]:
    imports: dict[str, list[tuple[Import, int, bool]]] = {}
    for each, number in imported:
        root = each.module.partition(".")[0]
        found = distribution_of(_full(each), installed) if each.level == 0 and root not in own else None
        if found is not None:
            imports.setdefault(found[0], []).append((each, number, found[1]))
    return tuple(_need(name, imports.get(name, []), asked.get(name, [])) for name in sorted({*imports, *asked}))


def parse_requirement(text: str) -> Asked | None:
    """A requirement of pip (`pandas[excel]>=2`, `name @ https://...`, `git+https://...`) or of conda
    (`conda-forge::numpy=1.26`).

    None for what names no distribution, such as the address of a file."""
    git = _GIT.fullmatch(text)
    if git:
        return Asked(normal_name(git[1]), "", text)
    try:
        requirement = Requirement(text)
        return Asked(normal_name(requirement.name), str(requirement.specifier), text)
    except InvalidRequirement:
        conda = _CONDA.fullmatch(text)
        return Asked(normal_name(conda[1]), conda[2].strip(), text) if conda else None


def _full(each: "Import") -> str:
    """The module, with what is imported from it: `from google.cloud import storage` is of google.cloud.storage."""
    return f"{each.module}.{each.attribute}" if each.attribute not in {None, "*"} else each.module


def _need(name: str, imports: "list[tuple[Import, int, bool]]", asked: list[tuple[str, int]]) -> Need:
    return Need(
        name,
        tuple(sorted({each.module for each, _, _ in imports})),
        tuple(sorted({number for _, number, _ in imports} | {number for _, number in asked})),
        is_optional=bool(imports) and all(each.is_guarded for each, _, _ in imports),
        is_lazy=bool(imports) and not any(each.top_level for each, _, _ in imports),
        is_known=bool(asked) or any(known for _, _, known in imports),
        asked=tuple(dict.fromkeys(text for text, _ in asked)),
    )
