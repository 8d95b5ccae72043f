"""The solver answers conda-lock as conda would, on a small channel made here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbpromote.environment import solver

RECORDS = {
    "linux-64": [
        {"name": "app", "version": "1.0", "depends": ["lib >=2", "__glibc >=2.17"]},
        {"name": "app", "version": "2.0", "depends": ["lib >=3", "__glibc >=2.17"]},
        {"name": "lib", "version": "2.5", "depends": []},
        {"name": "lib", "version": "3.1", "depends": []},
    ],
    "noarch": [],
}


def write_channel(folder: Path, records: dict[str, list[dict[str, object]]]) -> str:
    for subdir, ones in records.items():
        packages = {
            f"{one['name']}-{one['version']}-0.conda": {
                "build": "0",
                "build_number": 0,
                "subdir": subdir,
                "md5": "0" * 32,
                "sha256": "0" * 64,
                **one,
            }
            for one in ones
        }
        (folder / subdir).mkdir(parents=True)
        # conda-lock writes its virtual packages under "packages", a real channel its own under "packages.conda".
        key = "packages" if any(str(one["name"]).startswith("__") for one in ones) else "packages.conda"
        text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": {}} | {key: packages})
        (folder / subdir / "repodata.json").write_text(text)
    return folder.as_uri()


def solve(tmp_path: Path, *specs: str) -> tuple[dict[str, object], int]:
    pytest.importorskip("rattler")
    channel = write_channel(tmp_path / "channel", RECORDS)
    virtual = write_channel(tmp_path / "virtual", {"linux-64": [{"name": "__glibc", "version": "2.28", "depends": []}]})
    call = ["create", "--prefix", str(tmp_path / "p"), "--dry-run", "--json", "--override-channels"]
    environ = {**os.environ, "CONDA_SUBDIR": "linux-64", "CHANNEL_MIRRORS": f"https://channel.example/own={channel}"}
    done = subprocess.run(
        [
            sys.executable,
            solver.__file__,
            *call,
            "--channel",
            "https://channel.example/own",
            "--channel",
            virtual,
            *specs,
        ],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout), done.returncode


def test_the_newest_fitting_packages_are_named_with_the_channels_own_addresses(tmp_path: Path) -> None:
    answer, code = solve(tmp_path, "app")
    assert code == 0
    fetched = answer["actions"]["FETCH"]  # type: ignore[index]
    assert {one["name"]: one["version"] for one in fetched} == {"app": "2.0", "lib": "3.1"}
    assert {one["url"].rpartition("/")[0] for one in fetched} == {"https://channel.example/own/linux-64"}
    assert all(one["md5"] == "0" * 32 and one["sha256"] == "0" * 64 for one in fetched)


def test_an_impossible_request_ends_with_the_reason(tmp_path: Path) -> None:
    answer, code = solve(tmp_path, "app =2", "lib =2.5")
    assert code == 1
    assert answer["success"] is False
    assert "lib" in str(answer["message"])


def test_conda_lock_is_told_a_version_and_no_cached_packages() -> None:
    assert solver.main(["--version"]) == ("conda 26.1.0", 0)
    assert json.loads(solver.main(["info", "--json"])[0]) == {"pkgs_dirs": []}


def test_virtual_packages_are_told_from_a_channel(tmp_path: Path) -> None:
    channel = write_channel(tmp_path / "a b", RECORDS)
    virtual = write_channel(tmp_path / "virtual", {"noarch": [{"name": "__unix", "version": "0", "depends": []}]})
    assert solver.virtual_packages(channel, "linux-64") == []
    assert [one["name"] for one in solver.virtual_packages(virtual, "linux-64")] == ["__unix"]
    assert solver.virtual_packages("conda-forge", "linux-64") == []
