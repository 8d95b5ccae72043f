"""What a promotion refuses besides the findings that block, by code: a name and a sentence."""

from collections.abc import Mapping
from types import MappingProxyType

REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "PR101": ("no-result", "Nothing is written, and nothing is shown that concludes the work."),
    "PR201": ("hidden-write", "Tables that go to places of which only the run tells the name."),
    "PR202": ("changed-in-place", "Rows that one run appends again and again, changes or drops where they lie."),
    "PR203": ("unknown-write", "A write of which the call cannot be turned into a version."),
    "PR204": ("unfit-file", "A file that cannot be redirected: changed in place, copied, moved, or never closed."),
    "PR205": ("read-back", "Data of the notebook's own that is read back in a way that the lake has no word for."),
    "PR206": ("stream", "A stream, which has no end that a run could wait for and a proof compare."),
    "PR301": ("foreign-cell", "A cell in another language, and the results need it."),
    "PR304": ("module-beside", "A module beside the notebook that cannot move to commonlib as it is."),
    "PR305": ("other-notebook", "A notebook that `%run` names, and that is not beside this one."),
    "PR901": ("not-python", "A cell that was made would not compile: a bug of nbpromote."),
    "PR902": ("nothing-binds", "A name would be read that nothing binds: a bug of nbpromote."),
})  # fmt: skip
