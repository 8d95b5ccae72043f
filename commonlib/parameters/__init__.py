"""Typed parameters: each function takes a parameter's name and value, and returns the value as its type.

A production notebook calls one for each parameter in the cell after the one that declares them. The value may come
from Papermill (text, numbers, booleans, lists, None), from the widgets of a job (text only), or be the default.
What does not fit raises a ParameterError that names the parameter, the value, what is wrong, and what would fit.

>>> integer("weeks", "52", minimum=1)
52
>>> boolean("refit", "yes")
True
>>> date_text("cutoff", "1997-09-30")
'1997-09-30'
>>> listing("cohorts", "[1, 2]", of=integer)
[1, 2]
"""

from commonlib.parameters.lists import listing, optional
from commonlib.parameters.places import dataset, input_path
from commonlib.parameters.problem import ParameterError
from commonlib.parameters.scalars import boolean, decimal, integer, number, text
from commonlib.parameters.times import date, date_text, timestamp

__all__ = [
    "ParameterError",
    "boolean",
    "dataset",
    "date",
    "date_text",
    "decimal",
    "input_path",
    "integer",
    "listing",
    "number",
    "optional",
    "text",
    "timestamp",
]
