"""`nbpromote convert`: a notebook as Databricks source, a Databricks export, py:percent or .ipynb."""

from pathlib import Path
from typing import Annotated

import typer

from nbpromote.notebook.conversion import Form


def convert(
    notebook: Annotated[Path, typer.Argument(help="The notebook, in any form.")],
    to: Annotated[Form, typer.Option(help="The form to write it in.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The new file; by default beside the notebook. - prints it.")
    ] = None,
    outputs: Annotated[bool, typer.Option("--outputs", help="Keep outputs and the values of widgets.")] = False,
) -> None:
    """Write a notebook in another form, beside the one it has. No file is overwritten.

    Outputs and the values that somebody chose in widgets are left out; Databricks' exports hold rows twice.
    """
    from nbpromote.cli.terminal import err, out
    from nbpromote.effects.files.new_file import write_new
    from nbpromote.notebook import conversion, read

    read(notebook)  # says what is wrong with a path
    made = conversion.convert(notebook.read_bytes(), str(notebook), to, with_outputs=outputs)
    if output is not None and str(output) == "-":
        typer.get_binary_stream("stdout").write(made.content)
    else:
        target = output or notebook.with_suffix(made.suffix)
        write_new(target, made.content)
        out().print(f"Wrote {target}.", soft_wrap=True)
    for note in made.notes:
        err().print(f"{notebook} cell {note.cell}: {note.text}", soft_wrap=True, markup=False)
