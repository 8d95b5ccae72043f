"""Sources elsewhere: objects in S3 or Azure Blob. They are copied here first, as they are."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from commonlib.ingest.errors import IngestError, MissingExtra
from commonlib.lake import buckets

_STORES = ("s3", "az", "azure", "abfs", "abfss", "adl")
_CHUNK = 8 << 20


def shown(url: str) -> str:
    """The address without what is secret in it."""
    if "://" not in url:
        return url
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])


def fetch(url: str, scratch: Path) -> tuple[Path, str]:
    """Copy what the address names into a folder, and say its name for the manifest. Raises IngestError."""
    scheme = url.partition("://")[0].lower()
    target = scratch / "fetched"
    target.mkdir()
    if scheme in _STORES:
        _check_no_secret(url)
        return target, _objects(url, target)
    raise IngestError(
        f"{shown(url)}: no way to read {scheme}:// is known; sources elsewhere are s3://bucket/path and az://container/path"
    )


def _check_no_secret(url: str) -> None:
    if "@" in urlsplit(url).netloc and not url.startswith("abfs"):
        raise IngestError(f"{shown(url)}: holds a credential; take it out, and give it by the environment")


def _objects(url: str, target: Path) -> str:
    try:
        import obstore
    except ImportError as error:
        raise MissingExtra(url, "S3 and Azure Blob", "obstore", "s3") from error
    store, path = _store(url)
    try:
        listed = [entry for batch in obstore.list(store, path or None) for entry in batch]
        names = [str(entry["path"]) for entry in listed] or ([path] if path else [])
        for name in names:
            inner = name.removeprefix(path).strip("/") if name != path else name.rpartition("/")[2]
            place = target / inner
            if not place.resolve().is_relative_to(target.resolve()):
                raise IngestError(f"{url}: holds an object called {name!r}, which is no name for a file")
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                for chunk in obstore.get(store, name).stream(min_chunk_size=_CHUNK):
                    file.write(chunk)
    except FileNotFoundError as error:
        raise IngestError(f"{url}: there is nothing of this name") from error
    except (obstore.exceptions.BaseError, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise IngestError(f"{url}: cannot be read: {reason}") from error
    if not names:
        raise IngestError(f"{url}: there is nothing of this name")
    return path.rpartition("/")[2] or urlsplit(url).netloc


def _store(url: str) -> tuple[Any, str]:
    import obstore.store

    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    if parts.scheme in {"s3", "az"}:
        return buckets.store(parts.scheme, parts.netloc), path
    return obstore.store.from_url(f"{parts.scheme}://{parts.netloc}"), path
