"""python -m commonlib.validation raw/purchases --to validated/purchases --rules purchases.yml"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from commonlib.errors import CommonlibError
from commonlib.lake import latest
from commonlib.validation import publishing, rule_files
from commonlib.validation.errors import ValidationFailed


def main(arguments: Sequence[str] | None = None) -> int:
    """Validate and publish a dataset's version. 0 when it is published, 1 when it was refused, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m commonlib.validation", description="Publish a dataset's version if it keeps its rules."
    )
    parser.add_argument("dataset", help="what to validate, for example raw/purchases")
    parser.add_argument("--to", required=True, help="where to publish it, for example validated/purchases")
    parser.add_argument("--rules", required=True, type=Path, help="YAML or Python file with the rules")
    parser.add_argument("--version", type=int, help="which version to validate; the latest unless given")
    parser.add_argument("--engine", choices=("auto", "arrow", "spark"), default="auto", help="auto: Spark when big")
    options = parser.parse_args(arguments)
    try:
        found = publishing.publish_version(
            options.dataset,
            options.to,
            rule_files.read(options.rules),
            version=options.version,
            engine=cast(publishing.Engine, options.engine),
            progress=_progress,
        )
        print(_summary(options.dataset, found))
    except (CommonlibError, OSError) as error:
        if isinstance(error, ValidationFailed):
            for result in error.verdict.results:
                _progress(("ok      " if result.is_kept else "BROKEN  ") + str(result))
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; nothing was committed", file=sys.stderr)
        return 1
    return 0


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _summary(source: str, published: publishing.Published) -> str:
    version = published.version
    results = published.verdict.get("results")
    number = len(results) if isinstance(results, list) else 0
    rows = _count(version.manifest.rows_written or 0)
    judged = (
        f"{_count(published.set_aside)} that broke a rule set aside in {published.quarantine}"
        if published.quarantine
        else f"all {number} rules hold"
    )
    if published.is_new:
        return f"{source} is published as {version.dataset} version {version.number}: {rows}, {judged}"
    newest = latest(version.dataset)
    later = f" (the latest is {newest.number})" if newest and newest.number != version.number else ""
    return f"{source} is already there as {version.dataset} version {version.number}{later}: {rows}, {judged}"


def _count(number: int) -> str:
    return f"{number:,} row{'s' * (number != 1)}"


if __name__ == "__main__":
    sys.exit(main())
