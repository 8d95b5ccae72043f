"""Where objects are kept: buckets of S3 (and of what speaks it: MinIO, Ceph, R2, moto), containers of Azure Blob.

Needs the extra `s3` or `azure`: obstore and fsspec, for both. Credentials come from where each one's own tools take
them, which is the environment, a profile, a machine's role or a managed identity, and never from a path.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from commonlib.lake.errors import BadName, LakeError

_ROOT = re.compile(r"(?:s3://[a-z0-9][a-z0-9.-]{1,61}|az://[a-z0-9][a-z0-9-]{1,61})[a-z0-9](/[\w.=-]+)*/?")
_RETRY = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
TIMEOUT = "LAKE_TIMEOUT"
_VARIABLES = {"s3": "AWS_", "az": "AZURE_"}
_EXTRAS = {"s3": "s3", "az": "azure"}
_CONNECTOR_HINT = {
    "s3a:": "; s3a:// is how Spark's connector spells it, which the lake finds itself. It comes with hadoop-aws, "
    "which no pip install has: add it to Spark for reads of your own; the lake does without",
    "abfs": "; abfss:// is how Spark's connector (hadoop-azure) spells it, which the lake finds itself",
}
_AZURE_PARTS = {
    "AccountName": "account_name",
    "AccountKey": "account_key",
    "SharedAccessSignature": "sas_key",
    "BlobEndpoint": "endpoint",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A prefix in a bucket of S3 (`s3`), or in a container of Azure Blob (`az`)."""

    scheme: str
    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")


def parse(root: str) -> Place:
    """The place that `s3://bucket/prefix` or `az://container/prefix` names. Raises BadName, without credentials."""
    if not _ROOT.fullmatch(root):
        shown = re.sub(r"//[^/@]*@", "//...@", root.partition("?")[0])
        raise BadName(
            f"LAKE_ROOT={shown}: not a place for a lake; write s3://bucket/prefix, without credentials, "
            f"or az://container/prefix with AZURE_STORAGE_ACCOUNT_NAME beside it{_CONNECTOR_HINT.get(shown[:4], '')}"
        )
    scheme, _, rest = root.rstrip("/").partition("://")
    bucket, _, prefix = rest.partition("/")
    return Place(scheme, bucket, prefix)


def store(scheme: str, bucket: str) -> Any:
    """A bucket or container as obstore takes it."""
    return _store(scheme, bucket, environment(scheme))


def filesystem(scheme: str) -> Any:
    """All buckets, or all containers of the account, as pyarrow takes a file system."""
    import pyarrow.fs

    return pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(_fsspec(scheme, environment(scheme))))


@cache
def _store(scheme: str, bucket: str, known: tuple[tuple[str, str], ...]) -> Any:
    _need(scheme)
    from obstore.store import AzureStore, S3Store

    given = _options(scheme, dict(known))
    return S3Store(bucket, **given) if scheme == "s3" else AzureStore(bucket, **given)


@cache
def _fsspec(scheme: str, known: tuple[tuple[str, str], ...]) -> Any:
    _need(scheme)
    from obstore.fsspec import FsspecStore

    return FsspecStore(scheme, skip_instance_cache=True, **_options(scheme, dict(known)))


def options(scheme: str) -> dict[str, Any]:
    """What obstore needs to be told of the store beyond what it takes from the environment itself."""
    return _options(scheme, dict(environment(scheme)))


def azure_account() -> str:
    """The name of the storage account. Raises LakeError when nothing says it."""
    known = dict(environment("az"))
    return str(_azure_options(known).get("account_name") or known["AZURE_STORAGE_ACCOUNT_NAME"])


def _options(scheme: str, known: Mapping[str, str]) -> dict[str, Any]:
    found = _s3_options(known) if scheme == "s3" else _azure_options(known)
    is_plain = str(found.get("endpoint", "")).startswith("http://")
    return {**found, "client_options": {"allow_http": is_plain, "timeout": f"{timeout()}s"}, "retry_config": _RETRY}


def timeout() -> int:
    """How many seconds a call to the store may take: LAKE_TIMEOUT, else 30. Raises LakeError."""
    said = os.environ.get(TIMEOUT, "30")
    if not said.isdecimal() or not int(said):
        raise LakeError(f"{TIMEOUT}={said}: say a whole number of seconds, such as 30")
    return int(said)


def _s3_options(known: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"region": known.get("AWS_REGION") or known.get("AWS_DEFAULT_REGION") or "us-east-1"}
    if endpoint := known.get("AWS_ENDPOINT_URL_S3") or known.get("AWS_ENDPOINT_URL"):
        found["endpoint"] = endpoint
    is_by_profile = "AWS_PROFILE" in known or (Path.home() / ".aws").is_dir()
    if is_by_profile and "AWS_ACCESS_KEY_ID" not in known:
        try:
            from obstore.auth.boto3 import Boto3CredentialProvider
        except ImportError:
            raise LakeError("AWS profiles need boto3: pip install boto3, or set AWS_ACCESS_KEY_ID instead") from None
        found["credential_provider"] = Boto3CredentialProvider()
    return found


def _azure_options(known: Mapping[str, str]) -> dict[str, Any]:
    """What obstore does not take from AZURE_* itself: the connection string that Azure's portal gives, the endpoint."""
    text = known.get("AZURE_STORAGE_CONNECTION_STRING", "")
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    found = {option: parts[name] for name, option in _AZURE_PARTS.items() if name in parts}
    if (suffix := parts.get("EndpointSuffix")) and "endpoint" not in found and "account_name" in found:
        found["endpoint"] = f"https://{found['account_name']}.blob.{suffix}"
    if endpoint := known.get("AZURE_STORAGE_ENDPOINT") or known.get("AZURE_ENDPOINT"):
        found["endpoint"] = endpoint
    if "account_name" not in found and not known.get("AZURE_STORAGE_ACCOUNT_NAME"):
        raise LakeError(
            "a lake in Azure Blob needs to know the storage account: set AZURE_STORAGE_ACCOUNT_NAME, "
            "or AZURE_STORAGE_CONNECTION_STRING"
        )
    return found


def environment(scheme: str) -> tuple[tuple[str, str], ...]:
    """What a store is made of, so that another endpoint or key makes another store."""
    prefix = _VARIABLES[scheme]
    known = ((name, value) for name, value in os.environ.items() if name.startswith(prefix) or name == TIMEOUT)
    return tuple(sorted(known))


def _need(scheme: str) -> None:
    try:
        import fsspec  # noqa: F401
        import obstore  # noqa: F401
    except ImportError as error:
        where = "S3" if scheme == "s3" else "Azure Blob"
        raise LakeError(f"a lake in {where} needs {error.name}: pip install 'nbpromote[{_EXTRAS[scheme]}]'") from None
