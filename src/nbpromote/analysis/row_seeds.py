"""Whether Spark heeds a seed when it takes rows at random.

`sample(0.1, seed=7)` gives a fraction by its place, and Spark then looks for the seed in the second place: the one by
name is not heeded (`DataFrame._preapare_args_for_sample` of PySpark 4).
"""

import ast
from enum import Enum, auto

_PLACE_OF_SEED = {"randomSplit": 1, "sample": 2, "sampleBy": 2}


class Seed(Enum):
    NONE = auto()
    UNHEEDED = auto()
    HEEDED = auto()
    UNKNOWN = auto()


def seed_of(call: ast.Call, name: str) -> Seed:
    """What becomes of the seed in this call of `randomSplit`, `sample` or `sampleBy`."""
    names = {one.arg for one in call.keywords}
    if None in names or any(isinstance(one, ast.Starred) for one in call.args) or not (call.args or names):
        return Seed.UNKNOWN
    if has_placed_fraction(call, name):
        return Seed.UNHEEDED if "seed" in names else Seed.NONE
    if "seed" in names or len(call.args) > _PLACE_OF_SEED[name]:
        return Seed.HEEDED
    if name == "sample" and len(call.args) == 2 and not _is_flag(call.args[0]):
        return Seed.HEEDED  # a fraction and its seed
    return Seed.NONE


def has_placed_fraction(call: ast.Call, name: str) -> bool:
    """Whether a sample's fraction is all that is given by place."""
    return name == "sample" and len(call.args) == 1 and not any(one.arg == "fraction" for one in call.keywords)


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)
