"""What a promoted notebook would need that the repository's environment is not asked for."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import metadata

from nbpromote.effects.environment.using import own_modules
from nbpromote.effects.files.repository import Repository
from nbpromote.environment import parse_environment
from nbpromote.environment.needs import Need, find_needs
from nbpromote.environment.usage import declared_in, find_undeclared
from nbpromote.errors import NbpromoteError
from nbpromote.promotion.draft import Draft
from nbpromote.promotion.plan import Decision, DecisionKind


def environment_decisions(repository: Repository, draft: Draft) -> Iterator[Decision]:
    """One decision for each distribution that the cells which stay import, or that the notebook installs (`%pip`) and
    imports nowhere by a name of its own, and that environment.yml does not ask for.

    They are for a person: the environment is locked, and no promotion changes what everybody installs.
    """
    installs = {need.distribution: need for need in find_needs(draft.facts, {}) if need.asked}
    try:
        asked = parse_environment((repository.root / "environment.yml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        for need in (one for one in installs.values() if one.modules):
            why = f"{_cells(need.cells, 'name')} it; there is no environment.yml that could hold it"
            what = f"the notebook installs {need.asked[0]}"
            yield Decision(DecisionKind.ENVIRONMENT, need.distribution, what, why, doubt=True)
        return
    except (OSError, ValueError, NbpromoteError):
        # `nbpromote env check` tells what is wrong with it.
        return
    kept = set(draft.kept)
    facts = replace(draft.facts, cells=tuple(cell for cell in draft.facts.cells if cell.cell_id in kept))
    needs = find_needs(facts, metadata.packages_distributions(), own=own_modules(repository.root))
    lacking = find_undeclared(asked, needs)
    for need in lacking:
        yield _decision(need, installs.get(need.distribution))
    declared = declared_in(asked)
    silent = [one for one in installs.values() if not one.modules and one.distribution not in declared]
    for need in silent:
        why = f"{_cells(need.cells, 'install')} it, and no cell imports it by that name"
        what = f"environment.yml lacks {need.asked[0]}"
        yield Decision(DecisionKind.ENVIRONMENT, need.distribution, what, why)
    if lacking:
        source = draft.options.source
        why = "locks it, builds the environment anew, and accepts it when all tests pass in it"
        why += "; promote --adopt does it first"
        yield Decision(DecisionKind.ENVIRONMENT, "to have them", f"nbpromote env adopt {shlex.quote(source)}", why)


def _decision(need: Need, installed: Need | None) -> Decision:
    wanted = installed.asked[0] if installed is not None else need.distribution
    why = f"{_cells(need.cells, 'import')} {', '.join(need.modules)}"
    if installed is not None:
        own = [cell for cell in installed.cells if cell not in need.cells] or list(need.cells)
        why += f", {_cells(own, 'install')} it"
    elif not need.is_known:
        why += "; that its package is called so is a guess"
    return Decision(DecisionKind.ENVIRONMENT, need.distribution, f"environment.yml lacks {wanted}", why, doubt=True)


def _cells(numbers: Sequence[int], verb: str) -> str:
    return f"cell {numbers[0]} {verb}s" if len(numbers) == 1 else f"cells {', '.join(map(str, numbers))} {verb}"
