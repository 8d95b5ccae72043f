"""Random numbers: which calls draw from the state of which generator, and which seed it.

Before a generator is seeded nothing that it draws can be had again, so that nothing depends on the draws before.
"""

from nbpromote.analysis.evaluation.state import State

_SEEDS = frozenset(
    "seed manual_seed manual_seed_all set_seed set_random_seed seed_everything set_global_seed".split()  # noqa: SIM905
)
_DRAWS = frozenset(
    "rand randn randint randperm random normal uniform bernoulli multinomial shuffle truncated_normal fit".split()  # noqa: SIM905
)
# Libraries that draw when their classes are made: layers have random weights.
_OWN = {"torch": "torch", "torchvision": "torch", "tensorflow": "tensorflow", "keras": "tensorflow"}
_ALL = ("python", "numpy", "torch", "tensorflow")


def draw(state: State, path: str = "numpy") -> None:
    """Something draws from the generator of this library."""
    key = _key(_generator(path))
    if key not in state.made_here:
        state.record.resources_read.add(key)
    if key in state.seeded:
        state.record.resources_changed.add(key)


def seed(state: State, path: str) -> None:
    """Something seeds the generator of this library."""
    root = path.partition(".")[0]
    generators = [_generator(path)] if root in {*_OWN, "numpy", "random"} else list(_ALL)
    for key in map(_key, generators):
        state.seeded.add(key)
        state.record.resources_changed.add(key)
        if state.frame is None and state.journal is None:
            state.made_here.add(key)
        elif key not in state.made_here:
            state.record.resources_read.add(key)


def note_call(state: State, path: str) -> None:
    """A call of a library of which no specification says whether it draws."""
    root, last = path.partition(".")[0], path.rpartition(".")[2]
    if last in _SEEDS:
        seed(state, path)
    elif root in _OWN and (last in _DRAWS or last[:1].isupper()):
        draw(state, path)


def _generator(path: str) -> str:
    """Most of the libraries for data draw with NumPy."""
    root = path.partition(".")[0]
    return "python" if root == "random" else _OWN.get(root, "numpy")


def _key(generator: str) -> str:
    return f"random state of {generator}"
