"""Run folders in object storage: each run's folder is brought there, and those of other machines are brought here.

The local folder of runs then is what was seen last, and can be thrown away. What cannot be brought there, because the
network is away, is brought there by the next command that can.
"""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from commonlib.errors import CommonlibError
from commonlib.lake.storage import Storage, open_storage
from nbpromote.errors import NbpromoteError

RECORD, HEARTBEAT = "record.json", ".alive"
_UNSENT = ".unsent"
_BEAT_SECONDS = 15.0


class PlaceFailed(NbpromoteError):
    """The place of the runs does not answer, or refuses."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"runs in {place}: {reason}; they are kept on this machine, and brought there by the next run")


class RemoteRuns:
    """The runs at `place` (`s3://bucket/prefix`, `az://container/prefix`), and their copies in `folder`."""

    def __init__(self, place: str, folder: Path) -> None:
        self.place, self.folder = place, folder
        scheme, _, rest = place.rstrip("/").partition("://")
        bucket, _, self._top = rest.partition("/")
        self._bucket, self._top = f"{scheme}://{bucket}", self._top or "runs"
        self._storage: Storage | None = None
        self._beaten = 0.0

    def begin(self, run_id: str) -> None:
        """Note that what this run leaves is to be brought there."""
        (self.folder / run_id / _UNSENT).touch()
        with contextlib.suppress(CommonlibError, OSError):
            self._put(run_id, [RECORD])

    def beat(self, run_id: str) -> None:
        """Show there, every few seconds, that the runner is alive."""
        if time.monotonic() - self._beaten > _BEAT_SECONDS:
            self._beaten = time.monotonic()
            with contextlib.suppress(CommonlibError, OSError):
                self._put(run_id, [HEARTBEAT])

    def send(self, run_id: str) -> None:
        """Bring the run's folder there, its record last. Raises PlaceFailed."""
        folder = self.folder / run_id
        names = sorted(one.name for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
        try:
            self._put(run_id, [*(name for name in names if name != RECORD), RECORD])
            self._there().remove(f"{self._top}/{run_id}/{HEARTBEAT}")
        except (CommonlibError, OSError) as error:
            raise PlaceFailed(self.place, str(error)) from error
        (folder / _UNSENT).unlink(missing_ok=True)

    def bring(self) -> None:
        """Bring here the records of runs that are not known here or had not ended, and there what is not yet there.

        Raises:
            PlaceFailed: it does not answer.
        """
        try:
            names = set(self._there().names(self._top))
            for run_id in sorted(names):
                if not (self.folder / run_id / _UNSENT).exists() and not self._is_known(run_id):
                    self._get(run_id, [RECORD, HEARTBEAT])
        except (CommonlibError, OSError) as error:
            raise PlaceFailed(self.place, str(error)) from error
        for unsent in self.folder.glob(f"*/{_UNSENT}"):
            if self._is_known(unsent.parent.name):
                self.send(unsent.parent.name)

    def whole(self, run_id: str) -> None:
        """Bring here all files of a run. Raises PlaceFailed."""
        try:
            names = self._there().files(f"{self._top}/{run_id}")
            self._get(run_id, [name for name in names if not (self.folder / run_id / name).exists()])
        except (CommonlibError, OSError) as error:
            raise PlaceFailed(self.place, str(error)) from error

    def _is_known(self, run_id: str) -> bool:
        """Whether the run's record is here, and of a run that has ended."""
        try:
            return '"status": "running"' not in (self.folder / run_id / RECORD).read_text(encoding="utf-8")
        except OSError:
            return False

    def _there(self) -> Storage:
        if self._storage is None:
            self._storage = open_storage(self._bucket)
        return self._storage

    def _put(self, run_id: str, names: Iterable[str]) -> None:
        for name in names:
            with self._there().writable(f"{self._top}/{run_id}/{name}") as path:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes((self.folder / run_id / name).read_bytes())

    def _get(self, run_id: str, names: Iterable[str]) -> None:
        for name in names:
            try:
                content = self._there().read(f"{self._top}/{run_id}/{name}")
            except FileNotFoundError:
                (self.folder / run_id / name).unlink(missing_ok=True)
                continue
            target = self.folder / run_id / name
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.{os.getpid()}")
            beside.write_bytes(content)
            beside.replace(target)
            if name == HEARTBEAT:
                with contextlib.suppress(ValueError):
                    os.utime(target, (float(content), float(content)))
