"""Coverage of a case's run: lines of commonlib, and of the notebook itself."""

import json
from dataclasses import dataclass
from pathlib import Path

from nbpromote.errors import UsageError

_START = """\
def _nbpromote_cover():
    import coverage, sys
    made = coverage.Coverage(data_file={data!r}, include=[{library!r}, "*/ipykernel_*/*"])
    made.start()
    sys.modules["_nbpromote_coverage"] = made
_nbpromote_cover()
del _nbpromote_cover
"""
# A cell runs as a file that is not there; its text is in `linecache`, so that tracebacks can show it.
_STOP = """\
def _nbpromote_covered():
    import json, linecache, sys
    made = sys.modules.pop("_nbpromote_coverage")
    made.stop()
    made.save()
    data = made.get_data()
    found = [
        ["".join(linecache.cache[name][2]), data.lines(name)]
        for name in data.measured_files()
        if "ipykernel_" in name and name in linecache.cache
    ]
    with open({cells!r}, "w", encoding="utf-8") as file:
        json.dump(found, file)
_nbpromote_covered()
"""


class NoCoverage(UsageError):
    """Coverage is asked for, and the package that measures it is not installed."""

    def __init__(self) -> None:
        super().__init__("coverage is not installed here; pip install coverage")


@dataclass(frozen=True, slots=True)
class Coverage:
    """One case's measuring. `target` is the file of coverage.py's that it adds to, such as `.coverage.CASE`."""

    root: Path
    notebook: Path
    folder: Path
    target: Path

    def start(self) -> str:
        """Code that begins to measure."""
        return _START.format(data=str(self.folder / "data"), library=str(self.root / "commonlib" / "*"))

    def stop(self) -> str:
        """Code that ends it."""
        return _STOP.format(cells=str(self.folder / "cells.json"))

    def keep(self) -> None:
        """Write what was measured, cells as lines of the notebook's file; nothing when the kernel died.

        Raises:
            NoCoverage: coverage.py is not installed.
        """
        if not (self.folder / "cells.json").is_file():
            return
        try:
            from coverage import CoverageData
        except ImportError as error:
            raise NoCoverage from error
        measured = CoverageData(str(self.folder / "data"))
        measured.read()
        lines = {
            name: set(measured.lines(name) or ()) for name in measured.measured_files() if "ipykernel_" not in name
        }
        text = self.notebook.read_text(encoding="utf-8")
        own = lines.setdefault(str(self.notebook), set())
        for source, numbers in json.loads((self.folder / "cells.json").read_text(encoding="utf-8")):
            at = text.find(source.strip("\n"))
            if at >= 0:
                begin = text[:at].count("\n")
                own.update(begin + number for number in numbers)
        self.target.unlink(missing_ok=True)
        kept = CoverageData(str(self.target))
        kept.add_lines({name: sorted(found) for name, found in lines.items()})
        kept.write()
