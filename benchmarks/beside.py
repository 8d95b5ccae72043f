"""Times of other tools, for `analysis.py`: file names come in as JSON, seconds go out as JSON.

It runs in an environment of its own, with marimo and soorgeon, without nbpromote.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path


def marimo(path: str) -> None:
    from marimo._convert.converters import MarimoConvert

    MarimoConvert.from_ipynb(Path(path).read_text(encoding="utf-8")).to_py()


def soorgeon(path: str) -> None:
    from soorgeon import io

    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    snippets = {
        f"cell{number}": text for number, text in enumerate(sources) if not text.lstrip().startswith(("%", "!"))
    }
    io.find_upstream(snippets)


def seconds_of(work: Callable[[str], None], path: str) -> float | None:
    start = time.process_time()
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            work(path)
    except Exception:
        return None
    return time.process_time() - start


def main() -> None:
    logging.disable(logging.CRITICAL)
    paths: list[str] = json.load(sys.stdin)
    found: dict[str, dict[str, float]] = {}
    for name, work in (("marimo's converter", marimo), ("soorgeon's analysis", soorgeon)):
        for path in paths[:3]:
            seconds_of(work, path)
        times = {path: seconds_of(work, path) for path in paths}
        found[name] = {path: seconds for path, seconds in times.items() if seconds is not None}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
