"""A lake in a bucket of S3, or of anything that speaks S3 and honours `If-None-Match` (MinIO, Ceph, R2, moto).

Needs the extra `s3` (obstore, fsspec). Credentials come from where AWS's own tools take them: the environment, a web
identity, the machine's role, or, with boto3 installed, profiles and single sign-on; never from a path. AWS_REGION and
AWS_ENDPOINT_URL in the environment say where the bucket is.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from commonlib.lake.errors import BadName, LakeError, StorageFailed

_ROOT = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*/?")
_PART = 16 << 20
_RETRY = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}


class ObjectStorage:
    """A lake under `s3://bucket/prefix`. An object appears whole or not at all, so only `create` needs care."""

    def __init__(self, root: str) -> None:
        if not _ROOT.fullmatch(root):
            shown = re.sub(r"//[^/@]*@", "//...@", root.partition("?")[0])
            raise BadName(f"LAKE_ROOT={shown}: not a place for a lake; write s3://bucket/prefix, without credentials")
        self._root = root.rstrip("/")
        bucket, _, prefix = self._root.removeprefix("s3://").partition("/")
        self._store = _store(bucket, _environment())
        self._prefix = f"{prefix}/" if prefix else ""

    def location(self, path: str) -> str:
        return f"{self._root}/{path}"

    def read(self, path: str) -> bytes:
        import obstore

        with self._told(path):
            return bytes(obstore.get(self._store, self._prefix + path).bytes())

    def names(self, folder: str) -> list[str]:
        import obstore

        top = f"{self._prefix}{folder}/"
        with self._told(folder):
            found = obstore.list_with_delimiter(self._store, top)
        keys = [*found["common_prefixes"], *(entry["path"] for entry in found["objects"])]
        return sorted(key.removeprefix(top).rstrip("/") for key in keys)

    def files(self, folder: str) -> list[str]:
        import obstore

        top = f"{self._prefix}{folder}/"
        with self._told(folder):
            return sorted(entry["path"].removeprefix(top) for page in obstore.list(self._store, top) for entry in page)

    def digest(self, path: str) -> tuple[int, str]:
        import obstore

        digest, size = hashlib.sha256(), 0
        with self._told(path):
            for chunk in obstore.get(self._store, self._prefix + path).stream(min_chunk_size=_PART):
                digest.update(chunk)
                size += len(chunk)
        return size, digest.hexdigest()

    def seal(self, path: str) -> tuple[int, str]:
        return self.digest(path)

    def create(self, path: str, content: bytes, *, scratch: str) -> bool:  # noqa: ARG002
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        key = self._prefix + path
        try:
            # If-None-Match: *
            obstore.put(self._store, key, content, mode="create", use_multipart=False)
            return True
        except (AlreadyExistsError, BaseError, OSError) as error:
            # The answer to a create that was carried out can be lost; the retry then finds our own entry there. No two
            # entries are equal: each names its attempt.
            with contextlib.suppress(FileNotFoundError):
                return self.read(path) == content
            if isinstance(error, AlreadyExistsError):
                return False  # 409: another create of the same entry was under way, and may have failed
            raise self._failed(path, error) from error

    @contextlib.contextmanager
    def writable(self, path: str) -> Iterator[Path]:
        import obstore

        with tempfile.TemporaryDirectory(prefix="lake-") as folder:
            target = Path(folder) / Path(path).name
            yield target
            if target.is_file():
                with self._told(path):
                    obstore.put(self._store, self._prefix + path, target, chunk_size=_PART)
            for one in sorted(target.rglob("*")):
                if one.is_file():
                    place = f"{path}/{one.relative_to(target).as_posix()}"
                    with self._told(place):
                        obstore.put(self._store, self._prefix + place, one, chunk_size=_PART)

    def local(self, path: str) -> str:
        import obstore

        target = Path(_downloads()) / path
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._told(path), tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
                for chunk in obstore.get(self._store, self._prefix + path).stream(min_chunk_size=_PART):
                    stream.write(chunk)
            Path(stream.name).replace(target)
        return str(target)

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except BaseError as error:
            raise self._failed(path, error) from error

    def _failed(self, path: str, error: Exception) -> StorageFailed:
        return StorageFailed(self.location(path), " ".join(str(error).partition("\n\nDebug source")[0].split())[:400])


def bucket(name: str) -> Any:
    """A bucket as obstore takes it, also one that holds no lake."""
    return _store(name, _environment())


def filesystem() -> Any:
    """All buckets, as pyarrow takes a file system."""
    import pyarrow.fs

    return pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(_fsspec(_environment())))


@cache
def _fsspec(environment: tuple[tuple[str, str], ...]) -> Any:
    _need()
    from obstore.fsspec import FsspecStore

    return FsspecStore("s3", skip_instance_cache=True, **_options(dict(environment)))


@cache
def _store(bucket: str, environment: tuple[tuple[str, str], ...]) -> Any:
    _need()
    from obstore.store import S3Store

    return S3Store(bucket, **_options(dict(environment)))


def _options(environment: dict[str, str]) -> dict[str, Any]:
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    found: dict[str, Any] = {
        "region": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        "client_options": {"allow_http": bool(endpoint and endpoint.startswith("http://"))},
        "retry_config": _RETRY,
    }
    if endpoint:
        found["endpoint"] = endpoint
    is_by_profile = "AWS_PROFILE" in environment or (Path.home() / ".aws").is_dir()
    if is_by_profile and "AWS_ACCESS_KEY_ID" not in environment:
        try:
            from obstore.auth.boto3 import Boto3CredentialProvider
        except ImportError:
            raise LakeError("AWS profiles need boto3: pip install boto3, or set AWS_ACCESS_KEY_ID instead") from None
        found["credential_provider"] = Boto3CredentialProvider()
    return found


def _environment() -> tuple[tuple[str, str], ...]:
    """What a store is made of, so that another endpoint or key makes another store."""
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


def _need() -> None:
    try:
        import fsspec  # noqa: F401
        import obstore  # noqa: F401
    except ImportError as error:
        raise LakeError(f"a lake in S3 needs {error.name}: pip install 'nbpromote[s3]'") from None


@cache
def _downloads() -> str:
    """Where this process keeps copies of committed files; gone when it ends."""
    import atexit

    folder = tempfile.mkdtemp(prefix="lake-files-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
