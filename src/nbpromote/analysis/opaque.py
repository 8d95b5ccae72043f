"""Effects that analysis cannot see into: shell commands, other languages, magics that run things."""

import re
from dataclasses import dataclass

from nbpromote.analysis.r import is_readable
from nbpromote.analysis.scala import is_readable as is_scala_readable
from nbpromote.analysis.sql import find_query
from nbpromote.notebook.magics import Foreign, MagicKind, PythonCode

# Magics that only set up the display, measure, or look.
_HARMLESS = frozenset(
    "matplotlib time timeit capture prun config autoreload load_ext reload_ext who whos who_ls pinfo pinfo2 pdoc "  # noqa: SIM905
    "psource history hist lsmagic magic quickref precision pdb debug xmode colors autosave memit mprun lprun "
    "pylab reset tensorboard snakeviz pyinstrument scalene heat python py pyspark md markdown html HTML latex svg "
    "aimport notify automagic logstart alias doctest_mode echo ls pwd".split()
)
_INSTALLERS = frozenset({"pip", "pip3", "conda", "mamba", "micromamba", "uv"})
# Shell commands that look and change nothing, unless their output is sent somewhere.
_LOOKING = frozenset(
    "ls head tail cat wc pwd which du df tree file grep stat nvidia-smi env printenv whoami hostname uname date "  # noqa: SIM905
    "free find".split()
)
_LOOKING_FS = frozenset({"ls", "head", "mounts", "help"})  # of Databricks' %fs
_SENDS = re.compile(r"[>|;&`]|-delete|-exec")
_TEXTS = frozenset({"html", "markdown", "latex", "svg"})
_RUNNERS = frozenset({"run", "store", "pylab", "R", "cython", "Cython", "load", "macro", "rerun", "recall", "reload"})
_UNDERSTOOD = frozenset({"sql", "R", "r", "scala"})


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
    languages: list[str] = []
    binds_unknown = False
    is_changing = False
    installs = {magic.place.line for magic in python.magics if magic.name in _INSTALLERS}
    is_understood = all(_is_understood(foreign) for foreign in python.foreign) and bool(python.foreign)
    for magic in python.magics:
        if magic.kind is MagicKind.HELP or magic.name in _INSTALLERS:
            continue
        if magic.kind is not MagicKind.SHELL and magic.name in _HARMLESS:
            binds_unknown = binds_unknown or magic.name == "pylab"
            continue
        if is_understood and magic.name in _UNDERSTOOD:
            continue
        texts.append(magic.text)
        keeps = magic.name == "store" and "-r" not in magic.arguments.split()
        binds_unknown = binds_unknown or (magic.kind is not MagicKind.SHELL and magic.name in _RUNNERS and not keeps)
        looks = magic.name == "fs" and magic.arguments.split(" ", 1)[0] in _LOOKING_FS
        is_shell = magic.kind is MagicKind.SHELL
        looks = looks or (is_shell and magic.name in _LOOKING and not _SENDS.search(magic.arguments))
        looks = looks or (magic.name in _SHELLS and bool(python.foreign) and _only_look(python))
        is_changing = is_changing or not looks
    if not texts:
        languages = [
            each.language
            for each in python.foreign
            if each.language not in _TEXTS and not is_understood and each.place.line not in installs
        ]
        texts += [f"{language} code" for language in dict.fromkeys(languages)]
    is_changing = is_changing or bool(languages)
    files = frozenset({"file ?"})
    return Opaque(
        tuple(dict.fromkeys(texts)),
        binds_unknown,
        files if texts else frozenset(),
        files if is_changing else frozenset(),
    )


def only_looks(command: str) -> bool:
    """Whether a line for the shell looks and changes nothing: `ls -l data`."""
    program, _, arguments = command.strip().lstrip("!").strip().partition(" ")
    return program in _LOOKING and not _SENDS.search(arguments)


def _only_look(python: PythonCode) -> bool:
    """Whether each line of the cell's shell commands only looks: `%%bash` over `head -3 data.csv`."""
    lines = [line.strip() for foreign in python.foreign for line in foreign.source.splitlines()]
    commands = [line for line in lines if line and not line.startswith(("#", "%%"))]
    return all(line.split()[0] in _LOOKING and not _SENDS.search(line) for line in commands)


_SHELLS = frozenset({"bash", "sh", "script"})


def _is_understood(foreign: Foreign) -> bool:
    if foreign.language == "r":
        return is_readable(foreign.source)
    if foreign.language == "scala":
        return is_scala_readable(foreign.source)
    return foreign.language == "sql" and find_query(foreign.source).is_whole
