"""conda's command line as conda-lock calls it, with py-rattler as the solver: for machines without a conda.

Read from conda-lock 4.0.3 (`conda_solver.py`, `invoke_conda.py`): `--version`, `info --json`, and `create --prefix P
--dry-run --json --override-channels --channel C... SPEC...` with the platform in CONDA_SUBDIR. Virtual packages
(`__glibc` and their like) come as the last channel. Run as a program of its own: py-rattler has crashed at interpreter
exit after it had answered rightly, so the program leaves by `os._exit`.

HELD names a JSON file: platform -> packages with name, version and file name, which stay as they are where they can; a
name in UPGRADE moves all the same.

CHANNEL_MIRRORS="conda-forge=file:///records ..." reads a channel's records from elsewhere; the addresses that go into
the lock are the channel's own.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

Answer = Mapping[str, object]


def main(arguments: Sequence[str]) -> tuple[str, int]:
    """What conda would print, and its exit code."""
    if list(arguments) == ["--version"]:
        return "conda 26.1.0", 0
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["create", "info"])
    parser.add_argument("--prefix", "-p")
    parser.add_argument("--channel", "-c", action="append", default=[])
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--override-channels", action="store_true")
    parser.add_argument("specs", nargs="*")
    options = parser.parse_intermixed_args(arguments)
    if options.command == "info":
        return json.dumps({"pkgs_dirs": []}), 0
    mirrors = dict(pair.split("=", 1) for pair in os.environ.get("CHANNEL_MIRRORS", "").split())
    answer, code = _solve(options.channel, options.specs, os.environ["CONDA_SUBDIR"], mirrors)
    return json.dumps(answer), code


def virtual_packages(channel: str, platform: str) -> list[dict[str, str]]:
    """The virtual packages that conda-lock made up for the platform, if that is what the channel holds."""
    if not channel.startswith("file://"):
        return []
    folder = Path(unquote(urlsplit(channel).path))
    files = [folder / subdir / "repodata.json" for subdir in (platform, "noarch")]
    records = [json.loads(file.read_text()).get("packages", {}) for file in files if file.exists()]
    return [record for packages in records for record in packages.values() if record["name"].startswith("__")]


def _solve(
    channels: Sequence[str], specs: Sequence[str], platform: str, mirrors: Mapping[str, str]
) -> tuple[Answer, int]:
    from rattler import (
        BuildString,
        Channel,
        Gateway,
        GenericVirtualPackage,
        MatchSpec,
        PackageName,
        RepoDataRecord,
        Version,
        solve,
    )
    from rattler.platform import Subdir

    virtual = [
        GenericVirtualPackage(PackageName(one["name"]), Version(one["version"]), BuildString(one["build"]))
        for channel in channels
        for one in virtual_packages(channel, platform)
    ]
    sources = {mirrors.get(name, name): name for name in channels if not virtual_packages(name, platform)}
    channels_read = [Channel(source) for source in sources]
    platforms = [Subdir(platform), Subdir("noarch")]
    gateway = Gateway()

    async def answer() -> list[RepoDataRecord]:
        named = {one["name"]: one for one in held(platform)}
        found = await gateway.query(channels_read, platforms, list(named), recursive=False)
        records = [record for part in found for record in part]
        return await solve(
            channels_read,
            [MatchSpec(spec) for spec in specs],
            gateway=gateway,
            platforms=platforms,
            virtual_packages=virtual,
            locked_packages=[
                one for one in records if _is_held(one.file_name, str(one.version), named[one.name.normalized])
            ],
        )

    try:
        records = asyncio.run(answer())
    except Exception as error:  # py-rattler raises several; conda-lock shows the message of whichever
        return {"success": False, "message": str(error)}, 1
    own = {_folder(source): _folder(str(Channel(name).base_url)) for source, name in sources.items()}
    fetch = []
    for record in records:
        url = next((new + record.url.removeprefix(old) for old, new in own.items() if record.url.startswith(old)), "")
        fetch.append({**json.loads(record.to_json()), "url": url or record.url, "fn": record.file_name})
    return {"success": True, "actions": {"FETCH": fetch, "LINK": []}}, 0


def held(platform: str) -> list[dict[str, str]]:
    """What is to stay as it is on this platform."""
    file = os.environ.get("HELD")
    packages = json.loads(Path(file).read_text()).get(platform, []) if file else []
    return [one for one in packages if one["name"] not in os.environ.get("UPGRADE", "").split()]


def _is_held(file: str, version: str, package: Mapping[str, str]) -> bool:
    wanted = package.get("file")
    return file == wanted if wanted else version == package["version"]


def _folder(url: str) -> str:
    return url.rstrip("/") + "/"


if __name__ == "__main__":
    text, exit_code = main(sys.argv[1:])
    print(text, flush=True)
    os._exit(exit_code)
