"""A conda channel and a package index of a few tiny packages, served from a folder or from this machine."""

import base64
import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PYTHON = "python >=3.11,<3.12.0a0"


def write_channel(folder: Path, packages: dict[str, list[str]]) -> None:
    """Packages as `name version subdir`, each with what it depends on; no solver needs the files."""
    found: dict[str, dict[str, object]] = {"linux-64": {}, "win-64": {}, "noarch": {}}
    for words, depends in packages.items():
        name, version, subdir = words.split()
        digest = hashlib.sha256(words.encode()).hexdigest()
        found[subdir][f"{name}-{version}-h1_0.conda"] = {
            "name": name,
            "version": version,
            "build": "h1_0",
            "build_number": 0,
            "subdir": subdir,
            "depends": depends,
            "md5": digest[:32],
            "sha256": digest,
            "size": 1,
        }
    for subdir, ones in found.items():
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        data = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": ones, "repodata_version": 1}
        (folder / subdir / "repodata.json").write_text(json.dumps(data))


def write_wheel(index: Path, name: str, version: str, source: str = "", needs: tuple[str, ...] = ()) -> None:
    """A wheel with one module, found by pip and uv below `index`."""
    folder = index / name.replace("_", "-")
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {one}" for one in needs),
    ]
    files = {
        f"{name}.py": source or f"__version__ = '{version}'\n",
        f"{info}/METADATA": "\n".join(lines) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_urlsafe(text)},{len(text.encode())}\n" for path, text in files.items())
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            wheel.writestr(zipfile.ZipInfo(path), text)


def _urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address on this machine under which the folder can be read."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
