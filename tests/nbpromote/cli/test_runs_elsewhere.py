"""Run folders in an object store: what one machine ran, another lists, shows, rebuilds and makes pages of."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import emulators
import pytest

pytest.importorskip("moto")
NOTEBOOK = '# %% tags=["parameters"]\nmost: int = 3\n\n# %%\nprint(10 // most)\n'


@pytest.mark.kernel
@pytest.mark.parametrize("emulator", [emulators.s3, emulators.azure])
def test_runs_are_kept_elsewhere_and_found_from_another_machine(
    emulator: Callable[[], AbstractContextManager[emulators.Emulator]], tmp_path: Path
) -> None:
    names = [name for name in os.environ if not name.startswith(("AWS_", "AZURE_"))]
    inherited = {name: os.environ[name] for name in names}
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        (root / "notebooks/production").mkdir(parents=True)
        (root / "notebooks/production/small.py").write_text(NOTEBOOK)
    try:
        with emulator() as server:
            server.make_bucket("runs-shop")
            place = f"{server.scheme}://runs-shop/team/runs"
            for root in (first, second):
                (root / "pyproject.toml").write_text(f'[tool.nbpromote]\nruns = "{place}"\n')
            environ = {**inherited, **server.environment, "HOME": str(tmp_path)}

            def told(root: Path, *words: str, code: int = 0) -> str:
                command = [sys.executable, "-m", "nbpromote.cli", *words]
                done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)
                assert done.returncode == code, done.stdout + done.stderr
                assert server.secret not in done.stdout + done.stderr
                return done.stdout

            told(first, "run", "notebooks/production/small.py")
            told(first, "run", "notebooks/production/small.py", "-p", "most=0", code=1)
            listed = told(second, "runs", "list")
            assert "done" in listed
            assert "failed" in listed
            assert "ZeroDivisionError" in told(second, "runs", "show")
            told(second, "site")
            pages = [path.read_text() for path in (second / "runs/site/runs").glob("*.html")]
            assert len(pages) == 2
            assert any("integer division" in page for page in pages)
            shutil.rmtree(second / "runs")
            assert "2 runs" in told(second, "runs", "rebuild")
            exported = [json.loads(line) for line in told(second, "runs", "export").splitlines()]
            assert [one["status"] for one in exported] == ["done", "failed"]
            environ |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "LAKE_TIMEOUT": "2"}
            if server.scheme == "s3":
                told(first, "run", "notebooks/production/small.py", "-p", "most=2")
                environ |= server.environment
                told(first, "runs", "list")
                assert "most=2" in told(second, "runs", "list")
    except emulators.NotHere as reason:
        pytest.skip(str(reason))
