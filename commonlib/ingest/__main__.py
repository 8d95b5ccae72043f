"""python -m commonlib.ingest SOURCE --dataset raw/purchases --schema purchases.yml"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.ingest import landing, layout
from commonlib.lake import latest


def main(arguments: Sequence[str] | None = None) -> int:
    """Land a file and say what came of it. 0 when it is in the lake, 1 when it was refused, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m commonlib.ingest", description="Land a file in the lake as typed Parquet."
    )
    parser.add_argument("source", type=Path, help="the file: fixed-width text, or CSV with a header")
    parser.add_argument("--dataset", required=True, help="where to, for example raw/purchases")
    parser.add_argument("--schema", required=True, type=Path, help="YAML file with the columns of the source")
    options = parser.parse_args(arguments)
    try:
        landed = landing.land(options.source, options.dataset, layout.read(options.schema), _progress)
        print(_summary(options.source, landed))
    except (CommonlibError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; nothing was committed", file=sys.stderr)
        return 1
    return 0


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _summary(source: Path, landed: landing.Landed) -> str:
    version = landed.version
    counts = f"{landed.rows:,} rows" + (
        f", {landed.malformed:,} malformed set aside in {landed.quarantine}" if landed.malformed else ", none malformed"
    )
    if landed.is_new:
        return f"{source} is now {version.dataset} version {version.number}: {counts}"
    newest = latest(version.dataset)
    later = f" (the latest is {newest.number})" if newest and newest.number != version.number else ""
    return f"{source} is already there as {version.dataset} version {version.number}{later}: {counts}"


if __name__ == "__main__":
    sys.exit(main())
