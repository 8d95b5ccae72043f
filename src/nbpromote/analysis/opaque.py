"""Effects that analysis cannot see into: shell commands, other languages, magics that run things."""

from dataclasses import dataclass

from nbpromote.notebook.magics import MagicKind, PythonCode

# Magics that only set up the display, measure, or look.
_HARMLESS = frozenset(
    "matplotlib time timeit capture prun config autoreload load_ext reload_ext who whos who_ls pinfo pinfo2 pdoc psource "
    "history hist lsmagic magic quickref precision pdb debug xmode colors autosave memit mprun lprun pylab reset "
    "tensorboard snakeviz pyinstrument scalene heat python pyspark md markdown html HTML latex svg aimport notify "
    "automagic logstart alias doctest_mode echo ls pwd".split()
)
_INSTALLERS = frozenset({"pip", "pip3", "conda", "mamba", "micromamba", "uv"})
_RUNNERS = frozenset({"run", "store", "pylab", "R", "cython", "Cython", "load", "macro", "rerun", "recall", "reload"})


@dataclass(frozen=True, slots=True)
class Opaque:
    """What a cell does outside Python, as short texts, and the resources that this may touch."""

    texts: tuple[str, ...] = ()
    binds_unknown: bool = False
    resources_read: frozenset[str] = frozenset()
    resources_changed: frozenset[str] = frozenset()


def find_opaque(python: PythonCode) -> Opaque:
    """The opaque effects of a cell."""
    texts: list[str] = []
    binds_unknown = False
    touches_files = False
    for magic in python.magics:
        if magic.kind is MagicKind.HELP or magic.name in _INSTALLERS:
            continue
        if magic.kind is not MagicKind.SHELL and magic.name in _HARMLESS:
            binds_unknown = binds_unknown or magic.name == "pylab"
            continue
        texts.append(magic.text)
        binds_unknown = binds_unknown or (magic.kind is not MagicKind.SHELL and magic.name in _RUNNERS)
        touches_files = True
    for foreign in python.foreign:
        if foreign.language not in {"html", "markdown", "latex", "svg"}:
            texts.append(f"{foreign.language} code")
            touches_files = True
    files = frozenset({"file ?"}) if touches_files else frozenset()
    return Opaque(tuple(dict.fromkeys(texts)), binds_unknown, files, files)
