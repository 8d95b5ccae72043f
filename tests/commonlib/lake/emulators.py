"""S3 and Azure Blob on this machine: moto's server, and Azurite, which npm installs into build/ the first time."""

import base64
import datetime
import hashlib
import hmac
import logging
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
AZURITE = "3.35.0"
ACCOUNT = "lakes"
AZURE_KEY = base64.b64encode(b"a secret of Azurite's that nobody may see").decode()
S3_KEY = "wJalrXUtnFEMI-secret"


class NotHere(Exception):
    """The emulator cannot be had on this machine; the message says why."""


@dataclass(frozen=True)
class Emulator:
    """A running server: what the environment must say to use it, its secret, and how to make a bucket."""

    scheme: str
    environment: dict[str, str]
    secret: str
    make_bucket: Callable[[str], None]


@contextmanager
def s3() -> Iterator[Emulator]:
    """moto's server, in this process."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": S3_KEY,
        "AWS_REGION": "eu-central-1",
    }

    def make_bucket(name: str) -> None:
        client = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key=S3_KEY,
            region_name="eu-central-1",
        )
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    try:
        yield Emulator("s3", environment, S3_KEY, make_bucket)
    finally:
        server.stop()


@contextmanager
def azure() -> Iterator[Emulator]:
    """Azurite, a process of its own that keeps everything in memory. Raises NotHere."""
    node, main = shutil.which("node"), _azurite()
    if node is None:
        raise NotHere("Azurite needs node, which is not on the PATH")
    known = os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{AZURE_KEY}"}
    options = ["--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [node, str(main), *options], cwd=folder, env=known, stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            line = next((line for line in server.stdout if "successfully listens" in line), "")
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found is None:
                raise NotHere("Azurite does not start")
            endpoint = f"{found[0]}/{ACCOUNT}"
            text = f"AccountName={ACCOUNT};AccountKey={AZURE_KEY};BlobEndpoint={endpoint}"
            environment = {"AZURE_STORAGE_CONNECTION_STRING": text}
            yield Emulator("az", environment, AZURE_KEY, lambda name: _make_container(endpoint, name))
        finally:
            server.kill()


def _azurite() -> Path:
    """Azurite's blob server, installed by npm if it is not there yet."""
    place = ROOT / "build" / f"azurite-{AZURITE}"
    main = place / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    if main.is_file():
        return main
    npm = shutil.which("npm")
    if npm is None:
        raise NotHere("Azurite, the emulator of Azure Blob, needs npm, which is not on the PATH")
    place.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder]
        try:
            subprocess.run([*command, f"azurite@{AZURITE}"], check=True, capture_output=True, timeout=180)
        except (subprocess.SubprocessError, OSError) as error:
            raise NotHere(f"npm cannot install Azurite, the emulator of Azure Blob: {error}") from error
        try:
            os.rename(folder, place)  # noqa: PTH104
        except OSError:
            if not main.is_file():  # else another process was first
                raise
        Path(folder).mkdir(exist_ok=True)
    return main


def _make_container(endpoint: str, name: str) -> None:
    """Create a container, as https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key says."""
    date = datetime.datetime.now(datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    heads = {"x-ms-date": date, "x-ms-version": "2021-12-02"}
    signed = "PUT\n" + "\n" * 11 + "".join(f"{key}:{value}\n" for key, value in heads.items())
    signed += f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    digest = hmac.new(base64.b64decode(AZURE_KEY), signed.encode(), hashlib.sha256).digest()
    heads |= {"Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}", "Content-Length": "0"}
    request = urllib.request.Request(f"{endpoint}/{name}?restype=container", method="PUT", headers=heads)
    with urllib.request.urlopen(request):
        pass
