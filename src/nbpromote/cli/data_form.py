"""The option of `nbpromote data` that says how to tell."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer


class Form(StrEnum):
    """How to tell."""

    TEXT = "text"
    JSON = "json"


FormOption: TypeAlias = Annotated[Form, typer.Option("--format", help="How to tell.")]
