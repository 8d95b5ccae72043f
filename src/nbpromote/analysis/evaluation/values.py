"""Abstract values: what a value is taken to be, and the objects that it may be or be a part of."""

from dataclasses import dataclass
from typing import Final


class Unknown:
    """Stands for a constant that is not known; None is a constant like others."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()
NO_OBJECTS: frozenset[int] = frozenset()
IMMUTABLE = frozenset(
    "int float complex str bool bytes None range slice datetime timedelta type pyspark.DataFrame pyspark.Column "  # noqa: SIM905
    "pyspark.Window pyspark.DataType pandas.Timestamp pandas.Timedelta pathlib.Path numpy.scalar re.Pattern".split()
)
CONTAINERS = frozenset({"list", "tuple", "dict", "set", "frozenset", "collections.defaultdict", "collections.deque"})
FUNCTION, CLASS, MODULE, BOUND, SUPER = "function", "class", "module", "bound method", "super"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as far as it is known.

    `type` is a dotted name such as `pandas.DataFrame`, or empty; `objects` are the objects that it may be, or be a view
    of: a change of one of them is a change of the value; `constant` is its Python value when a literal gives it. `path`
    is the dotted name of something in a library; `receiver` is the object whose method or attribute this is. `outline`
    is a text of which only parts are known, with the code of the others in braces.
    """

    type: str = ""
    objects: frozenset[int] = NO_OBJECTS
    constant: object = UNKNOWN
    path: str = ""
    receiver: "Value | None" = None
    outline: str = ""

    @property
    def is_constant(self) -> bool:
        return self.constant is not UNKNOWN

    @property
    def text(self) -> str | None:
        """The value as text, if it is a known text."""
        return self.constant if isinstance(self.constant, str) else None

    def join(self, other: "Value") -> "Value":
        """What is one or the other."""
        if self == other:
            return self
        same = type(self.constant) is type(other.constant) and self.constant == other.constant
        return Value(
            self.type if other.type in {self.type, "None"} else other.type if self.type == "None" else "",
            self.objects | other.objects,
            self.constant if same else UNKNOWN,
            self.path if self.path == other.path else "",
            self.receiver if self.receiver == other.receiver else None,
            self.outline if self.outline == other.outline else "",
        )


NOTHING_KNOWN = Value()


def constant(value: object) -> Value:
    """The value of a literal."""
    return Value("None" if value is None else type(value).__name__, NO_OBJECTS, value)


def join_all(values: list[Value]) -> Value:
    """What is one of these."""
    if not values:
        return NOTHING_KNOWN
    result = values[0]
    for value in values[1:]:
        result = result.join(value)
    return result


def item_key(value: object) -> object:
    """A key of an object's items that an attribute's name cannot be mistaken for."""
    return ("item", value)
