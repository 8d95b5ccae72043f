"""A lake in object storage that honours `If-None-Match`: see `buckets` for where that is."""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from commonlib.lake import buckets
from commonlib.lake.errors import StorageFailed

_PART = 16 << 20
_CALLS_AT_ONCE = 16
_ASKED_AHEAD = 64


class ObjectStorage:
    """A lake under `s3://bucket/prefix` or `az://container/prefix`.

    An object appears whole or not at all, so only `create` needs care.
    """

    def __init__(self, root: str) -> None:
        place = buckets.parse(root)
        self._root = str(place)
        self._store = buckets.store(place.scheme, place.bucket)
        self._prefix = f"{place.prefix}/" if place.prefix else ""

    def location(self, path: str) -> str:
        return f"{self._root}/{path}"

    def read(self, path: str) -> bytes:
        import obstore

        with self._told(path):
            return bytes(obstore.get(self._store, self._prefix + path).bytes())

    def read_each(self, paths: Sequence[str]) -> Iterator[bytes]:
        with ThreadPoolExecutor(_CALLS_AT_ONCE) as calls:
            for first in range(0, len(paths), _ASKED_AHEAD):
                yield from calls.map(self.read, paths[first : first + _ASKED_AHEAD])

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

    def remove(self, path: str) -> None:
        import obstore

        with contextlib.suppress(FileNotFoundError), self._told(path):
            obstore.delete(self._store, self._prefix + path)

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


@cache
def _downloads() -> str:
    """Where this process keeps copies of committed files; gone when it ends."""
    import atexit

    folder = tempfile.mkdtemp(prefix="lake-files-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
