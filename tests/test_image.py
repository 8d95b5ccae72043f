"""The image of the Dockerfile is built from a checkout, and runs a production notebook; where the tools for it are.

NBPROMOTE_TEST_IMAGE=1 switches it on: root, buildah, debootstrap, a network, 10 GB and a quarter of an hour. The base
is made by debootstrap, so that no registry is asked.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbpromote.effects import git

ROOT = Path(__file__).parents[1]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

pytestmark = pytest.mark.skipif(
    not os.environ.get("NBPROMOTE_TEST_IMAGE") or not all(map(shutil.which, ("buildah", "debootstrap"))),
    reason="NBPROMOTE_TEST_IMAGE is not set, or buildah and debootstrap are not installed",
)


@pytest.fixture
def buildah(tmp_path: Path) -> Iterator["Buildah"]:
    made = Buildah(tmp_path)
    yield made
    made("rm", "--all")
    made("rmi", "--all", "--force")


class Buildah:
    """buildah with a store of its own, without a daemon, namespaces or a registry."""

    def __init__(self, folder: Path) -> None:
        self.store = ["--root", str(folder / "store"), "--runroot", str(folder / "run")]

    def __call__(self, command: str, *words: str) -> str:
        environ = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        call = ["buildah", *self.store, command, *words]
        done = subprocess.run(call, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return done.stdout.strip()


def test_the_debian_image_runs_a_production_notebook_as_an_ordinary_user(buildah: Buildah, tmp_path: Path) -> None:
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(tmp_path / "base")], check=True)
    base = buildah("from", "scratch")
    buildah("copy", "--quiet", base, str(tmp_path / "base"), "/")
    for name in ("SSL_CERT_FILE", "PIP_CERT"):
        buildah("config", "--env", f"{name}=/run/certificates.pem", base)
    buildah("commit", "--quiet", base, "localhost/base")
    git.clone(ROOT, tmp_path / "checkout")
    mounted = ["--volume", f"{CERTIFICATES}:/run/certificates.pem:ro"]
    given = ["--build-arg", "ENVIRONMENT=debian", "--build-arg", "DEBIAN_IMAGE=localhost/base"]
    given += ["--build-arg", "COMMIT=abc", "--build-arg", "LOCK_SHA256=def"]
    buildah("bud", *mounted, *given, "--tag", "nbpromote", str(tmp_path / "checkout"))
    told = json.loads(buildah("inspect", "--type", "image", "localhost/nbpromote"))["OCIv1"]["config"]
    assert told["Labels"]["org.opencontainers.image.revision"] == "abc"
    assert told["Labels"]["nbpromote.lock.sha256"] == "def"
    assert told["User"] == "10001"

    container = buildah("from", "localhost/nbpromote")
    data = tmp_path / "checkout" / "notebooks" / "adhoc" / "data"
    for folder in ("lake", "runs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder).chmod(0o777)
    places = ["--volume", f"{tmp_path / 'lake'}:/lake", "--volume", f"{tmp_path / 'runs'}:/repository/runs"]
    places += ["--volume", f"{data}:/data:ro"]
    ingest = ["ingest", "/data/CDNOW_master.txt", "--dataset", "raw/purchases", "--schema", "/data/purchases.yml"]
    buildah("run", *places, container, "--", "nbpromote", "data", *ingest)
    publish = ["validate", "raw/purchases", "--to", "validated/purchases", "--rules", "/data/purchases.yml"]
    buildah("run", *places, container, "--", "nbpromote", "data", *publish)
    buildah("run", *places, container, "--", "nbpromote", "run", "notebooks/production/customer_value.py")
    assert [*(tmp_path / "lake").glob("derived/customer_value/**/*.parquet")]
    write = 'test "$(id -u)" = 10001 && ! touch /repository/x /opt/environment/x /lake/../x 2>/dev/null'
    buildah("run", container, "--", "sh", "-c", write)
