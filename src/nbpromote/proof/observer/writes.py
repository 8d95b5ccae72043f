"""During a proof the ad-hoc notebook's writes go to a folder of the proof, and what it reads back comes from there.

So a proof never touches what an earlier run of the notebook has left.
"""

import builtins
import functools
import importlib
import io
import os
import re
import shutil
import sys
from typing import Any

from .guard import Protected
from .places import Places
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
    ("pyspark.sql.readwriter", "DataFrameWriter", ["parquet", "csv", "json", "orc", "text", "save"], "frame", 1),
    ("pyspark.sql.readwriter", "DataFrameWriter", ["saveAsTable", "insertInto"], "table", 1),
    ("pyspark.sql.readwriter", "DataFrameReader", ["parquet", "csv", "json", "orc", "text", "load"], "read", 1),
    ("matplotlib.figure", "Figure", ["savefig"], "write", 1),
    ("pyarrow.parquet", "", ["write_table"], "write", 1),
    ("pyarrow.csv", "", ["write_csv"], "write", 1),
    ("polars", "DataFrame", ["write_parquet", "write_csv", "write_json", "write_ipc", "write_excel"], "write", 1),
    ("polars", "", ["read_csv", "read_parquet", "read_json", "read_ipc", "scan_csv", "scan_parquet"], "read", 0),
    ("xgboost", "Booster", ["save_model"], "write", 1),
    ("lightgbm", "Booster", ["save_model"], "write", 1),
    ("cv2", "", ["imwrite"], "write", 0),
    ("plotly.basedatatypes", "BaseFigure", ["write_html", "write_image", "write_json"], "write", 1),
    ("scipy.io", "", ["savemat"], "write", 0),
    ("scipy.sparse", "", ["save_npz"], "write", 0),
    ("pyspark.sql.session", "SparkSession", ["sql"], "query", 1),
    ("pyspark.ml.util", "MLWriter", ["save"], "write", 1),
    ("pyspark.ml.util", "JavaMLWriter", ["save"], "write", 1),
    ("pyspark.ml.util", "JavaMLReader", ["load"], "read", 1),
    ("pyspark.ml.pipeline", "PipelineReader", ["load"], "read", 1),
    ("pyspark.ml.pipeline", "PipelineModelReader", ["load"], "read", 1),
    ("pyspark.core.rdd", "RDD", ["saveAsTextFile"], "write", 1),
    ("pyspark.core.context", "SparkContext", ["textFile"], "read", 1),
    ("torch", "", ["save"], "write", 1),
    ("torch", "", ["load"], "read", 0),
    ("pyarrow.parquet", "", ["read_table"], "read", 0),
    ("joblib", "", ["dump"], "write", 1),
    ("joblib", "", ["load"], "read", 0),
    ("numpy", "", ["save", "savez", "savez_compressed", "savetxt"], "write", 0),
    ("numpy", "", ["load", "loadtxt", "genfromtxt"], "read", 0),
)
_PATH_KEYWORDS = ("path", "path_or_buf", "excel_writer", "fname", "filename", "file", "filepath_or_buffer", "io")


class Redirector:
    """`writes` lists what was written: the notebook's own target, call and cell, and where it went in the folder.

    `cell` is the id of the cell that runs; of cells in `anew` what they append to begins empty.
    """

    def __init__(
        self, shell: Any, folder: str, describer: Describer, places: Places, anew: frozenset[str] = frozenset()
    ) -> None:
        self.shell = shell
        self.folder = folder
        self.describer = describer
        self.places = places
        self.writes: list[dict[str, str]] = []
        self.cell = ""
        self.tables: dict[str, tuple[str, str]] = {}  # texts of SQL that write -> the table, and the query
        self._anew = anew
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
        self._patch_paths()

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
            if direction == "query":
                table, query = self._query(args[1] if len(args) > 1 else "")
                found = real(args[0], query or args[1], *args[2:], **kwargs) if len(args) > 1 else real(*args, **kwargs)
                if table:
                    self._write_table(found.write, table)
                return found
            if direction == "table":
                return self._write_table(args[0], args[1] if len(args) > 1 else kwargs["name"])
            if len(args) > place and isinstance(args[place], str | os.PathLike):
                target, moved = args[place], self._target(args[place], direction, real.__name__)
                done = real(*args[:place], moved, *args[place + 1 :], **kwargs)
                if direction == "frame" and real.__name__ != "parquet":
                    self._keep_frame(args[0], target)
                return done
            for name in _PATH_KEYWORDS:
                if isinstance(kwargs.get(name), str | os.PathLike):
                    kwargs[name] = self._target(kwargs[name], direction, real.__name__)
                    break
            return real(*args, **kwargs)

        patched._redirected = True  # type: ignore[attr-defined]
        return patched

    def _query(self, text: Any) -> tuple[str, str]:
        """The table that this text writes, and its query; of an f-string, only what comes before its query is known."""
        found = self.tables.get(text, ("", ""))
        if found[0] or not isinstance(text, str):
            return found
        heads = [(head, table) for head, (table, query) in self.tables.items() if not query and text.startswith(head)]
        head, table = max(heads, key=lambda one: len(one[0]), default=("", ""))
        return table, text[len(head) :].rstrip().rstrip(";") if table else ""

    def _target(self, target: Any, direction: str, call: str) -> Any:
        return self._scratch(target, call) if direction != "read" else self.where_now(target)

    def _keep_frame(self, writer: Any, target: Any) -> None:
        """Keep the rows themselves beside files of a format that tells less; the lake's table is compared to them."""
        found = next((one for one in self.writes if _key(one["target"]) == _key(target)), None)
        if found is not None:
            found["frame"] = os.path.join(os.path.dirname(found["path"]), "frame.parquet")
            self.describer.busy = True
            try:
                writer._df.write.mode("overwrite").parquet(os.path.join(self.folder, found["frame"]))
            finally:
                self.describer.busy = False

    def _scratch(self, target: Any, call: str) -> str:
        """Where a write to `target` goes. A first append finds there what the target held."""
        text, key = os.fspath(target), _key(target)
        if key.startswith(self.places.own + os.sep) or text.startswith(self.folder):
            return str(text)
        if self.places.is_frozen:
            raise Protected(text)
        if key not in self._moved:
            name = os.path.basename(text.rstrip("/")) or "data"
            self._moved[key] = os.path.join(self.folder, f"write-{len(self.writes)}", name)
            os.makedirs(os.path.dirname(self._moved[key]))
            path = os.path.relpath(self._moved[key], self.folder)
            self.writes.append({"target": text, "call": call, "path": path, "cell": self.cell})
        return self._moved[key]

    def where_now(self, target: Any) -> Any:
        """Where what the notebook has written to `target` lies; the target itself when it has not."""
        if not self._moved or self.describer.busy or not isinstance(target, str | os.PathLike):
            return target
        return self._moved.get(_key(target), target)

    def _write_table(self, writer: Any, name: str) -> None:
        path = self._scratch(name, "saveAsTable")
        writer.mode("overwrite").parquet(path)
        session = writer._df.sparkSession
        session.read.parquet(path).createOrReplaceTempView(re.sub(r"\W", "_", name.rsplit(".", 1)[-1]))

    def _patch_open(self) -> None:
        real = builtins.open

        @functools.wraps(real)
        def open_for_notebook(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            """`open`: the notebook's writes go to the proof's folder, a library's where they would hit the user's."""
            if not isinstance(file, str | os.PathLike) or self.describer.busy:
                return real(file, mode, *args, **kwargs)
            if not set(mode) & set("wxa+"):
                return real(self.where_now(file), mode, *args, **kwargs)
            if self._is_own(sys._getframe(1)) or not self.places.is_scratch(os.path.abspath(os.fspath(file))):
                is_first = self.where_now(file) is file
                moved = self._scratch(file, "open")
                if is_first and not set(mode) & set("wx") and not ("a" in mode and self.cell in self._anew):
                    self._copy(file, moved)
                file = moved
            return real(file, mode, *args, **kwargs)

        builtins.open = open_for_notebook
        io.open = open_for_notebook  # pathlib's and zipfile's
        if "open" in self.shell.user_ns:  # IPython gives notebooks an `open` of its own
            self.shell.user_ns["open"] = open_for_notebook
            self.shell.user_ns_hidden["open"] = open_for_notebook

    def _copy(self, file: Any, moved: str) -> None:
        self.describer.busy = True
        try:
            if os.path.isfile(file):
                shutil.copyfile(file, moved)
        finally:
            self.describer.busy = False

    def _is_own(self, frame: Any) -> bool:
        """Whether code of the notebook itself opens, by itself or through a `pathlib.Path`."""
        while frame is not None and str(frame.f_globals.get("__name__")).split(".")[0] == "pathlib":
            frame = frame.f_back
        return frame is not None and frame.f_globals is self.shell.user_ns

    def _patch_paths(self) -> None:
        """Let `os` find, move and remove what was written where it is now."""
        for name in ("stat", "remove", "unlink", "listdir", "chmod"):
            setattr(os, name, self._at_new_place(getattr(os, name)))
        for name in ("rename", "replace"):
            setattr(os, name, self._moving(getattr(os, name)))

    def _at_new_place(self, real: Any) -> Any:
        @functools.wraps(real)
        def at_new_place(*args: Any, **kwargs: Any) -> Any:
            return real(self.where_now(args[0]), *args[1:], **kwargs) if args else real(**kwargs)

        return at_new_place

    def _moving(self, real: Any) -> Any:
        @functools.wraps(real)
        def moving(source: Any, target: Any, **kwargs: Any) -> Any:
            now = self.where_now(source)
            return real(now, target if now is source else self._scratch(target, real.__name__), **kwargs)

        return moving


def _key(target: Any) -> str:
    """One name for a file, however it is spelled; tables and addresses are named as they are."""
    text = os.fspath(target)
    text = os.fsdecode(text) if isinstance(text, bytes) else text
    return text if "://" in text else os.path.abspath(text)
