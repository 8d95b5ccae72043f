"""During a proof the ad-hoc notebook's writes go to a folder of the proof, and what it reads back comes from there.

So a proof never touches what an earlier run of the notebook has left.
"""

import builtins
import functools
import importlib
import os
import re
import shutil
import sys
from typing import Any

from .values import Describer

_PANDAS_WRITERS = (
    "to_csv to_parquet to_json to_excel to_pickle to_feather to_hdf to_html to_orc to_stata to_xml to_latex to_markdown"
).split()
_PANDAS_READERS = (
    "read_csv read_parquet read_json read_excel read_pickle read_feather read_hdf read_table read_orc read_fwf"
).split()
# module, class, methods, what they do, position of the path among the arguments
_PLACES: tuple[tuple[str, str, list[str], str, int], ...] = (
    ("pandas", "DataFrame", _PANDAS_WRITERS, "write", 1),
    ("pandas", "Series", _PANDAS_WRITERS, "write", 1),
    ("pandas", "", _PANDAS_READERS, "read", 0),
    ("pyspark.sql.readwriter", "DataFrameWriter", ["parquet", "csv", "json", "orc", "text", "save"], "write", 1),
    ("pyspark.sql.readwriter", "DataFrameWriter", ["saveAsTable", "insertInto"], "table", 1),
    ("pyspark.sql.readwriter", "DataFrameReader", ["parquet", "csv", "json", "orc", "text", "load"], "read", 1),
    ("matplotlib.figure", "Figure", ["savefig"], "write", 1),
    ("joblib", "", ["dump"], "write", 1),
    ("joblib", "", ["load"], "read", 0),
    ("numpy", "", ["save", "savez", "savez_compressed", "savetxt"], "write", 0),
    ("numpy", "", ["load", "loadtxt", "genfromtxt"], "read", 0),
)
_PATH_KEYWORDS = ("path", "path_or_buf", "excel_writer", "fname", "filename", "file", "filepath_or_buffer", "io")


class Redirector:
    """`writes` lists what was written: the notebook's own target, the call, and where it went in the folder."""

    def __init__(self, shell: Any, folder: str, describer: Describer) -> None:
        self.shell = shell
        self.folder = folder
        self.describer = describer
        self.writes: list[dict[str, str]] = []
        self._moved: dict[str, str] = {}

    def start(self, modules: list[str]) -> None:
        """Patch the libraries that the notebook will import, and its `open`."""
        for module in modules:
            try:
                importlib.import_module(module)
            except Exception:  # the notebook will meet it itself, in its own cell
                continue
        if "pyspark" in modules:
            importlib.import_module("pyspark.sql.readwriter")
        self.patch_loaded()
        self._patch_open()

    def patch_loaded(self) -> None:
        """Patch what has been imported by now."""
        for module, owner, methods, direction, place in _PLACES:
            loaded = sys.modules.get(module)
            target = getattr(loaded, owner, None) if owner else loaded
            for method in methods if target is not None else ():
                real = getattr(target, method, None)
                if real is not None and not hasattr(real, "_redirected"):
                    setattr(target, method, self._patched(real, direction, place))

    def _patched(self, real: Any, direction: str, place: int) -> Any:
        @functools.wraps(real)
        def patched(*args: Any, **kwargs: Any) -> Any:
            if self.describer.busy:
                return real(*args, **kwargs)
            if direction == "table":
                return self._write_table(args[0], args[1] if len(args) > 1 else kwargs["name"])
            if len(args) > place and isinstance(args[place], str | os.PathLike):
                moved = self._target(args[place], direction, real.__name__)
                return real(*args[:place], moved, *args[place + 1 :], **kwargs)
            for name in _PATH_KEYWORDS:
                if isinstance(kwargs.get(name), str | os.PathLike):
                    kwargs[name] = self._target(kwargs[name], direction, real.__name__)
                    break
            return real(*args, **kwargs)

        patched._redirected = True  # type: ignore[attr-defined]
        return patched

    def _target(self, target: Any, direction: str, call: str) -> Any:
        return self._scratch(target, call) if direction == "write" else self._where_now(target)

    def _scratch(self, target: Any, call: str) -> str:
        """Where a write to `target` goes. A first append finds there what the target held."""
        text = os.fspath(target)
        if text.startswith(self.folder):
            return str(text)
        if text not in self._moved:
            name = os.path.basename(text.rstrip("/")) or "data"
            self._moved[text] = os.path.join(self.folder, f"write-{len(self.writes)}", name)
            os.makedirs(os.path.dirname(self._moved[text]))
            self.writes.append({"target": text, "call": call, "path": os.path.relpath(self._moved[text], self.folder)})
        return self._moved[text]

    def _where_now(self, target: Any) -> Any:
        return self._moved.get(os.fspath(target), target)

    def _write_table(self, writer: Any, name: str) -> None:
        path = self._scratch(name, "saveAsTable")
        writer.mode("overwrite").parquet(path)
        session = writer._df.sparkSession
        session.read.parquet(path).createOrReplaceTempView(re.sub(r"\W", "_", name.rsplit(".", 1)[-1]))

    def _patch_open(self) -> None:
        real = builtins.open

        @functools.wraps(real)
        def open_for_notebook(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            """`open`, for code of the notebook itself; libraries open what they like."""
            caller = sys._getframe(1).f_globals
            if caller is self.shell.user_ns and isinstance(file, str | os.PathLike) and not self.describer.busy:
                if set(mode) & set("wxa+"):
                    moved = self._scratch(file, "open")
                    if "a" in mode and not os.path.exists(moved) and os.path.exists(file):
                        shutil.copy(file, moved)
                    file = moved
                else:
                    file = self._where_now(file)
            return real(file, mode, *args, **kwargs)

        builtins.open = open_for_notebook
        if "open" in self.shell.user_ns:  # IPython gives notebooks an `open` of its own
            self.shell.user_ns["open"] = open_for_notebook
            self.shell.user_ns_hidden["open"] = open_for_notebook
