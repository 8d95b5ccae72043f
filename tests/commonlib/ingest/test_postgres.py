"""A table of PostgreSQL as one snapshot; only where a server and its client are installed."""

import datetime
import os
import shutil
import socket
import subprocess
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import pytest

from commonlib import ingest, lake

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
pytestmark = pytest.mark.skipif(
    not SERVERS or shutil.which("psql") is None or os.environ.get("TEST_POSTGRES") is None,
    reason="set TEST_POSTGRES=1 where PostgreSQL and psql are installed",
)
TABLE = """
create table "Odd ""T"
  (id bigint, "zip code" text, n numeric, p numeric(10,2), f float8, b bool, d date, tz timestamptz);
insert into "Odd ""T" values
  (1, '00123', 1.50, 2.30, 0.1, true, '2020-02-29', '2020-01-01 10:00:00+02'),
  (2, '', 12345678901234567890.5, -1, null, false, null, null),
  (3, null, null, null, 1e-300, null, null, null), (4, '\\N', null, null, 'NaN', null, null, null);
"""


@pytest.fixture(scope="module")
def address():
    # Not under pytest's folder, which is closed to the server's user.
    folder, binaries = Path(tempfile.mkdtemp(prefix="postgres-")), SERVERS[-1].parent
    as_user = ["setpriv", "--reuid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    (folder / "password").write_text("secret")
    if as_user:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    command = [*as_user, binaries / "initdb", "-D", folder / "data", "-U", "ann", "-A", "scram-sha-256"]
    subprocess.run([*command, f"--pwfile={folder / 'password'}"], check=True, capture_output=True, cwd="/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*as_user, binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1"],
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    found = f"postgresql://ann:secret@127.0.0.1:{port}/postgres"
    for _ in range(100):
        if (
            subprocess.run(["psql", "-X", "-q", "-d", found, "-c", TABLE], capture_output=True, check=False).returncode
            == 0
        ):
            break
        time.sleep(0.1)
    yield found
    server.terminate()
    server.wait()
    shutil.rmtree(folder)


def test_a_table_lands_with_its_types_and_null_told_from_empty_and_no_password_is_kept(address, root):
    found = ingest.ingest(address, "raw/odd", table='"Odd ""T"')
    frame = lake.read_pandas("raw/odd").astype(object)
    assert frame.where(frame.notna(), None).values.tolist()[:2] == [
        [1, "00123", Decimal("1.50"), Decimal("2.30"), 0.1, True, datetime.date(2020, 2, 29),
         datetime.datetime(2020, 1, 1, 8, tzinfo=datetime.UTC)],
        [2, "", Decimal("12345678901234567890.50"), Decimal("-1.00"), None, False, None, None],
    ]  # fmt: skip
    assert list(frame["zip code"]) == ["00123", "", None]
    assert (found.rows, found.malformed) == (3, 1)
    assert "f: 'NaN' is not a number" in lake.read_pandas("raw/odd_quarantine")["reason"].iloc[0]
    assert not [path for path in root.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert not ingest.ingest(f"jdbc:{address}", "raw/odd", table='"Odd ""T"').is_new


@pytest.mark.parametrize(
    ("change", "table", "words"),
    [
        (("secret", "wrong"), "t", "password authentication failed"),
        (("", ""), "no.such", "does not exist"),
        (("", ""), 't"; drop', "is not the name of a table"),
        (("", ""), None, "say which with --table"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_without_the_password(change, table, words, address):
    with pytest.raises(ingest.IngestError, match=words) as refused:
        ingest.ingest(address.replace(*change) if change[0] else address, "raw/odd", table=table)
    assert "secret" not in str(refused.value)
