"""What a promotion refuses besides the findings that block, by code: a name and a sentence."""

from collections.abc import Mapping
from types import MappingProxyType

REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "PR101": ("no-result", "Nothing is written, and nothing is shown that concludes the work."),
    "PR201": ("hidden-write", "A write inside a function, a loop or a condition."),
    "PR202": ("append", "An append: run again, its rows are there twice."),
    "PR203": ("unknown-write", "A write by a call that cannot be turned into a version."),
    "PR301": ("foreign-cell", "A cell in another language, and the results need it."),
    "PR901": ("not-python", "A cell that was made would not compile: a bug of nbpromote."),
    "PR902": ("nothing-binds", "A name would be read that nothing binds: a bug of nbpromote."),
})  # fmt: skip
