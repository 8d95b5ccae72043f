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

from commonlib.parameters import lists, places, scalars, times
from commonlib.parameters.lists import optional
from commonlib.parameters.problem import ParameterError
from commonlib.parameters.widgets import asking_widgets

boolean = asking_widgets(scalars.boolean)
dataset = asking_widgets(places.dataset)
date = asking_widgets(times.date)
date_text = asking_widgets(times.date_text)
decimal = asking_widgets(scalars.decimal)
input_path = asking_widgets(places.input_path)
integer = asking_widgets(scalars.integer)
listing = asking_widgets(lists.listing)
number = asking_widgets(scalars.number)
text = asking_widgets(scalars.text)
timestamp = asking_widgets(times.timestamp)

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
