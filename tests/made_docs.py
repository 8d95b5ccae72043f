"""The parts of the documentation that are made from the tool itself, so that they cannot lag behind it."""

import ast
import contextlib
import inspect
import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from nbpromote.analysis.rules import RULES, Rule
from nbpromote.cli.commands import app
from nbpromote.effects.files.scaffolding import edits_for
from nbpromote.effects.files.workspace import Workspace

ROOT = Path(__file__).parents[1]
SAMPLE = "notebooks/adhoc/customer_value.ipynb"
PICTURE_WIDTH = 112
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


def commands() -> dict[str, Any]:
    """Every command by its words (`promote`, `data ingest`), groups included."""
    root: Any = typer.main.get_command(app)
    return dict(_commands(root, typer.Context(root, info_name="nbpromote"), ()))


def _commands(group: Any, context: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield " ".join((*words, name)), command
        if hasattr(command, "list_commands"):
            yield from _commands(command, typer.Context(command, info_name=name), (*words, name))


def options_of(words: str, command: Any) -> str:
    """A command's usage, what it does in its own words, and a table of its arguments and options."""
    rows = []
    usage = [f"nbpromote {words}"]
    for parameter in command.params:
        names = ", ".join(f"`{name}`" for name in parameter.opts)
        hint = _with_default(parameter)
        if parameter.param_type_name == "argument":
            shown = re.sub(r"\W+", "", parameter.metavar or parameter.name).upper()
            shown += "..." if parameter.nargs == -1 else ""
            usage.append(shown if parameter.required else f"[{shown}]")
            rows.append((f"`{shown}`", hint))
        elif parameter.name not in {"help", "wants_help"}:
            value = "" if parameter.is_flag else f" {_value_of(parameter)}"
            if parameter.required:
                usage.append(f"{parameter.opts[-1]}{value}")
            rows.append((f"`{', '.join(parameter.opts)}{value}`" if names else "", hint))
    if any(parameter.param_type_name == "option" and not parameter.required for parameter in command.params):
        usage.insert(1, "[OPTIONS]")
    if hasattr(command, "list_commands"):
        usage.append("COMMAND")
    text = f"```text\n{' '.join(usage)}\n```\n\n{inspect.cleandoc(command.help or '')}\n"
    if rows:
        text += "\n| | |\n|---|---|\n" + "".join(f"| {name} | {help} |\n" for name, help in rows)
    return text


def _value_of(option: Any) -> str:
    """What stands behind an option: its choices, its placeholder, or its own name."""
    if isinstance(option.default, Enum):
        return "\\|".join(str(choice.value) for choice in type(option.default))
    return str(option.metavar or max(option.opts, key=len).lstrip("-").upper())


def _with_default(parameter: Any) -> str:
    text = (parameter.help or "").replace("|", "\\|")
    default = parameter.default
    if default in (None, False, ()) or callable(default) or parameter.required:
        return text
    return f"{text} Default: `{getattr(default, 'value', default)}`."


def rules_page() -> str:
    """The page of every rule of `nbpromote check`."""
    rows = "".join(f"| [{rule.code}](#{_anchor(rule)}) | {rule.severity} | {_title(rule)} |\n" for rule in RULES)
    return _RULES_HEAD + rows + "".join(f"\n{_section(rule)}" for rule in RULES)


_RULES_HEAD = """\
# What `nbpromote check` looks for

`check` reads a notebook, executes nothing of it, and says what stands between it and production. A finding has a
severity:

- *blocks*: the notebook cannot be promoted before it is mended; `check` ends with exit code 1.
- *warning*: somebody should look at it; promotion mends some of these by itself, and says so in the hint.
- *note*: worth knowing. In a cell that promotion leaves out, a warning is only a note, except for code that cannot run
  (NB101, NB102, NB103) and credentials (NB120).

The severity below is the usual one; the text of a rule says when it is another. A file that cannot be read at all is
**NB100**, and blocks. A production notebook that needs another version of `commonlib` than the repository has is
**NB190**, and blocks. What only shows when a notebook is planned has codes that begin with PR:
[promotion.md](promotion.md#when-it-refuses).

To leave a finding out, end its line with `# nbpromote: ignore[NB111]`, or give its cell the tag
`nbpromote-ignore-NB111`. Without a code, either leaves out everything that is found there.

This page is made from the rules themselves.

| code | severity | what it finds |
|---|---|---|
"""


def _section(rule: Rule) -> str:
    text = inspect.cleandoc(_docstring(rule)).split("\n", 1)[1].strip("\n")
    why, _, rest = text.partition("\nExample:\n")
    example, _, hint = rest.partition("\n\n")
    return (
        f"## {rule.code} {rule.name}\n\n*{rule.severity}.* {_title(rule)}.\n\n{why.strip()}\n\n"
        f"```{_language(example)}\n{inspect.cleandoc(example)}\n```\n\n{hint.strip()}\n"
    )


def _language(example: str) -> str:
    """`python` when it is; some examples are of what is none."""
    try:
        ast.parse(inspect.cleandoc(example))
    except SyntaxError:
        return "text"
    return "python"


def _title(rule: Rule) -> str:
    title = _docstring(rule).split("\n", 1)[0].removeprefix(f"{rule.code}: ").rstrip(".")
    return title[0].upper() + title[1:]


def _anchor(rule: Rule) -> str:
    return f"{rule.code} {rule.name}".lower().replace(" ", "-")


def _docstring(rule: Rule) -> str:
    return sys.modules[rule.find.__module__].__doc__ or ""


def sample_repository(folder: Path) -> Path:
    """A notebook repository that holds the sample and has not promoted it."""
    Workspace(folder).apply(edits_for(folder))
    (folder / SAMPLE).write_bytes((ROOT / SAMPLE).read_bytes())
    return folder


def in_terminal(arguments: list[str], cwd: Path, *, width: int) -> str:
    """What `nbpromote` shows in a terminal of this width, colours and all."""
    mine, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLORTERM"}}
    environment |= {"COLUMNS": str(width), "TERM": "xterm-256color", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-m", "nbpromote.cli", *arguments], cwd=cwd, env=environment, stdout=theirs, stderr=theirs
    ) as child:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # Linux ends a pty whose other side is closed with EIO
            while read := os.read(mine, 65536):
                shown += read
        child.wait()
    os.close(mine)
    return shown.decode().replace("\r\n", "\n")


def picture(shown: str, title: str) -> str:
    """A terminal with this in it, as an SVG that fetches nothing."""
    console = Console(record=True, width=PICTURE_WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    for line in shown.rstrip("\n").split("\n"):
        console.print(Text.from_ansi(line), soft_wrap=True)
    style = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    style = re.sub(r" *<!-- Generated .*? -->\n", "", style)
    style = style.replace("Fira Code, monospace", _FONT).replace("font-family: arial", "font-family: sans-serif")
    made = console.export_svg(title=title, code_format=style, unique_id="plan")
    return re.sub(r"[ \t]+$", "", made, flags=re.MULTILINE)
