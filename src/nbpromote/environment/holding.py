"""A program that stands before the user's conda, mamba or micromamba, and keeps what is locked where it can be kept.

conda-lock solves from nothing each time, or (`--update`) leaves out what was not locked before. This asks the real
solver with what is locked as further specs, then, if that cannot be, with what is asked for alone held, then with
nothing held; what only a held spec brought in is left out of the answer.

HELD names a JSON file: platform -> packages with name, version, build and needs; UPGRADE holds the names that are to
move as far as they can; REAL_CONDA is the solver.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_WITH_VALUE = ("--prefix", "-p", "--channel", "-c")


def main(arguments: Sequence[str]) -> int:
    """Answer as the real solver would; the exit code."""
    real = os.environ["REAL_CONDA"]
    packages = json.loads(Path(os.environ["HELD"]).read_text()).get(os.environ.get("CONDA_SUBDIR", ""), [])
    upgrade = set(os.environ.get("UPGRADE", "").split())
    if not arguments or arguments[0] != "create" or not packages:
        return subprocess.run([real, *arguments], check=False).returncode
    pins: list[str] = []
    if upgrade:
        free = _ask(real, arguments)
        if free.returncode != 0:
            return _tell(free)
        moved = {**_entries(free.stdout, "LINK"), **_entries(free.stdout, "FETCH")}
        pins = [f"{name}=={moved[name]['version']}" for name in sorted(upgrade) if name in moved]
    held = [one for one in packages if one["name"] not in upgrade]
    roots = asked_names(arguments[1:])
    for kept in (held, [one for one in held if one["name"] in roots], []):
        done = _ask(real, [*arguments, *pins, *map(_pin, kept)])
        if done.returncode == 0:
            needs = {one["name"]: list(one.get("needs", ())) for one in held}
            print(json.dumps(without_strangers(json.loads(_json(done.stdout)), roots, needs)), flush=True)
            return 0
    return _tell(_ask(real, arguments))


def asked_names(arguments: Sequence[str]) -> set[str]:
    """The packages that a call of `create` asks for."""
    names = set()
    skip = False
    for word in arguments:
        if skip or word.startswith("-"):
            skip = word in _WITH_VALUE and not skip
            continue
        match = re.match(r"[\w.-]+", word.rpartition("::")[2])
        if match:
            names.add(match[0].lower())
    return names


def without_strangers(
    answer: dict[str, Any], roots: set[str], needs: Mapping[str, Sequence[str]]
) -> Mapping[str, object]:
    """The answer without packages that nothing asked for needs; as it is where it does not tell what they need."""
    actions = answer.get("actions", {})
    known = dict(needs)
    names = set()
    for kind in ("LINK", "FETCH"):
        for one in actions.get(kind, ()):
            names.add(one["name"])
            if "depends" in one:
                known[one["name"]] = [spec.split()[0] for spec in one["depends"]]
    if names - known.keys():
        return answer
    reached: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += known.get(name, ())
    for kind in ("LINK", "FETCH"):
        if kind in actions:
            actions[kind] = [one for one in actions[kind] if one["name"] in reached]
    return answer


def _pin(package: Mapping[str, str]) -> str:
    build = package.get("build")
    return f"{package['name']}={package['version']}={build}" if build else f"{package['name']}=={package['version']}"


def _ask(real: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([real, *arguments], capture_output=True, text=True, check=False)


def _entries(text: str, kind: str) -> dict[str, Any]:
    return {one["name"]: one for one in json.loads(_json(text)).get("actions", {}).get(kind, ())}


def _json(text: str) -> str:
    """The JSON in what was printed: micromamba shows its name first."""
    return text[text.find("{") : text.rfind("}") + 1]


def _tell(done: subprocess.CompletedProcess[str]) -> int:
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
