"""What the magics of IPython and of well-known extensions do with their line and their body."""

import ast
import keyword
import re
import shlex
from itertools import pairwise

# Magics whose body or argument is Python that runs in the notebook's namespace: of IPython 9, and of memory_profiler,
# line_profiler, snakeviz, pyinstrument, heat, scalene, sparkmagic and Databricks (`%python`, in old notebooks `%py`).
CODE_MAGICS = frozenset((
    "time", "timeit", "capture", "prun", "debug", "python", "py", "pyspark", "memit", "mprun", "lprun", "snakeviz",
    "pyinstrument", "scalene", "heat", "local",
))  # fmt: skip
# Their body's assignments do not reach the notebook: it is compiled into a function.
LOCAL_MAGICS = frozenset({"timeit", "memit", "lprun", "mprun"})
# `%%python` starts another process in Jupyter; only as a Databricks cell is it code of the notebook.
PROCESS_MAGICS = frozenset({"python", "py"})

LANGUAGES = {
    "bash": "bash", "sh": "bash", "zsh": "bash", "shell": "bash", "system": "bash", "sx": "bash", "!": "bash",
    "script": "bash", "cmd": "bash", "fs": "databricks fs", "html": "html", "HTML": "html", "svg": "svg", "SVG": "svg",
    "latex": "latex", "markdown": "markdown", "md": "markdown", "javascript": "javascript", "js": "javascript",
    "perl": "perl", "ruby": "ruby", "R": "r", "r": "r", "Rscript": "r", "sql": "sql", "SQL": "sql", "bigquery": "sql",
    "sparksql": "sql", "spark_sql": "sql", "read_sql": "sql", "scala": "scala", "spark": "scala", "julia": "julia",
    "cython": "cython",
    "Cython": "cython", "python": "python process", "python2": "python 2", "python3": "python process",
    "pypy": "python process", "writefile": "file", "file": "file", "writetemplate": "file", "mermaid": "mermaid",
    "stata": "stata", "octave": "octave", "matlab": "matlab", "fortran": "fortran", "cpp": "c++", "cu": "cuda",
}  # fmt: skip

_VALUE_OPTIONS = {
    "timeit": "nrp",
    "memit": "rti",
    "prun": "lsTD",
    "lprun": "fmDTsu",
    "mprun": "fT",
    "snakeviz": "f",
}
_LINE_QUERY_LANGUAGES = {"sql": "sql", "bigquery": "sql", "R": "r", "sh": "bash", "bash": "bash", "fs": "databricks fs"}
_SUDO = r"(?:sudo\s+(?:-\w+\s+)*)?"
_PIP = re.compile(_SUDO + r"(?:\{sys\.executable\}|\$\{?\w+\}?|\S*python[\d.]*)\s+-m\s+pip\b\s*(.*)", re.S)
_COMMAND = re.compile(_SUDO + r"(\S+)\s*(.*)", re.S)
_WITH_OUTPUTS = frozenset(("bash", "sh", "script", "R", "Rscript", "spark", "sql", "julia", "octave", "perl", "ruby"))
_INPUTS = ("-i", "--input")
_OUTPUTS = ("-o", "--output", "--out", "--err")


def language_of(name: str) -> str:
    """The language of the body of the cell magic `name`; the magic's own name when nothing is known of it."""
    return LANGUAGES.get(name, name.lower())


def line_language(name: str) -> str | None:
    """The language of the argument of the line magic `name`, if it is one that carries code."""
    return _LINE_QUERY_LANGUAGES.get(name)


def body_start(name: str, arguments: str) -> int:
    """Where the code begins in the arguments of a magic such as `%timeit -n 10 -r3 f(x)`."""
    takes_value = _VALUE_OPTIONS.get(name, "")
    at = 0
    while option := re.compile(r"\s*(--?)([A-Za-z][\w-]*)(=\S+)?(?:\s+|$)").match(arguments, at):
        at = option.end()
        letters = option[2]
        if option[1] == "-" and letters[0] in takes_value and len(letters) == 1:
            value = re.compile(r"""("[^"]*"|'[^']*'|\S+)\s*""").match(arguments, at)
            at = value.end() if value else at
    return at + len(arguments[at:]) - len(arguments[at:].lstrip())


def binds(name: str, arguments: str, *, is_cell: bool) -> tuple[str, ...]:
    """Names that the magic itself sets in the notebook."""
    found: list[str] = []
    if name == "capture" and is_cell:
        found += [word for word in _words(arguments) if not word.startswith("-")][:1]
    elif name == "bigquery":
        found += [word for word in _words(arguments)[:1] if not word.startswith("-")]
    elif name in _WITH_OUTPUTS:
        found += [part for value in _values(_words(arguments), _OUTPUTS) for part in value.split(",")]
        if name == "sql" and (into := re.match(r"\s*(?:\S+\s+)?(\w+)\s*<<", arguments)):
            found.append(into[1])
    elif name == "store" and "-r" in arguments:
        found += [word for word in _words(arguments) if not word.startswith("-")]
    elif name == "pylab":
        found += ["np", "plt", "numpy", "matplotlib", "pylab", "mlab", "pyplot"]
    return tuple(word for word in dict.fromkeys(found) if word.isidentifier() and not keyword.iskeyword(word))


def reads(name: str, text: str) -> frozenset[str]:
    """Names that the text of a magic or shell line may pull in: `{expression}`, `$name`, `-i name`, `:name` in SQL."""
    found: set[str] = set()
    for expression in re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", text):
        try:
            tree = ast.parse(expression.partition("!")[0].strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= set(re.findall(r"(?<![\\$])\$([A-Za-z_]\w*)", text))
    if name in {"R", "julia", "octave", "spark"}:
        found |= {part for value in _values(_words(text), _INPUTS) for part in value.split(",") if part.isidentifier()}
    if name == "sql":
        found |= set(re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", text))
    return frozenset(found)


def command(line: str) -> tuple[str, str]:
    """The program that a shell line starts and its arguments; pip, however it is called, is `pip`."""
    line = line.strip()
    pip = _PIP.match(line)
    if pip:
        return "pip", pip[1]
    words = _COMMAND.match(line)
    if not words:
        return "", ""
    program = words[1].rpartition("/")[2]
    return ("pip" if re.fullmatch(r"pip[\d.]*", program) else program), words[2]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _values(words: list[str], options: tuple[str, ...]) -> list[str]:
    found = []
    for word, following in pairwise([*words, ""]):
        option, _, value = word.partition("=")
        if option in options:
            found.append(value or following)
    return found
