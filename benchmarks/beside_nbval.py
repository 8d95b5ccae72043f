"""How long do the regression tests of ten notebooks take, and how long does nbval take for the same ten?

The notebooks are made for it: a handful of cells with pandas and a plot each. Both run in one process of pytest,
one after the other, on references that the tool recorded; told are seconds, and CPU seconds of all processes that
each used.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_TEXT = """\
# %% tags=["parameters"]
COUNT: int = {count}

# %%
import matplotlib.pyplot as plt
import pandas as pd

# %%
frame = pd.DataFrame({{"a": range(COUNT), "b": [i * 0.5 for i in range(COUNT)]}})
frame.describe()

# %%
frame.groupby(frame.a % 7).b.sum()

# %%
fig, ax = plt.subplots(figsize=(4, 3))
lines = ax.plot(frame.a, frame.b)
"""


def run(root: Path, *words: str) -> tuple[float, float]:
    """Seconds and CPU seconds of a pytest, with all processes below it."""
    begun, before = time.monotonic(), os.times()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    after = os.times()
    print(done.stdout.strip().splitlines()[-1])
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - begun, used


def main() -> None:
    with tempfile.TemporaryDirectory() as held:
        root = Path(held).resolve()
        (root / "pyproject.toml").write_text("[tool.nbpromote]\n")
        (root / "notebooks/production").mkdir(parents=True)
        for number in range(10):
            (root / f"notebooks/production/n{number}.py").write_text(_TEXT.format(count=100 + number))
            (root / f"tests/notebooks/n{number}").mkdir(parents=True)
            (root / f"tests/notebooks/n{number}/default.yml").touch()
        run(root, "tests", "--nbpromote-update", "--nbpromote-once")
        for name, words in (
            ("nbpromote", ["tests"]),
            ("nbval", ["tests", "--nbval", "-p", "no:nbpromote"]),
            ("nbpromote", ["tests"]),
            ("nbval", ["tests", "--nbval", "-p", "no:nbpromote"]),
        ):
            seconds, used = run(root, *words)
            print(f"{name:10} {seconds:6.1f} s {used:6.1f} CPU s")


if __name__ == "__main__":
    main()
