"""Tables of pandas and arrays of numpy as files that hold their whole content, whatever their types."""

import hashlib
import re
import sys
from typing import Any

Names = list[str]
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def write_frame(value: Any, path: str) -> tuple[Names, Names]:
    """Write a pandas frame, series, index or categorical as Arrow; its column names and types."""
    import pandas
    import pyarrow

    if not isinstance(value, pandas.DataFrame | pandas.Series):
        value = pandas.Series(value)
    frame = value if value.ndim == 2 else value.to_frame()
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, place] for place in range(len(names))]
    index = frame.index
    levels = [index.get_level_values(level).to_series() for level in range(index.nlevels)]
    titles = [f"index {level if name is None else name}" for level, name in enumerate(index.names)]
    titles += [f"{place}:{name}" for place, name in enumerate(names)]
    write_table(pyarrow.table([_column(one) for one in [*levels, *columns]], names=titles), path)
    return names, [_type(one) for one in columns]


def write_table(table: Any, path: str) -> None:
    """Write a pyarrow table in Arrow's own file format, which has every type that a table can have."""
    import pyarrow.ipc

    with pyarrow.OSFile(path, "wb") as file, pyarrow.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def write_array(value: Any, path: str) -> None:
    """Write a numpy array without pickles: objects in it as their text."""
    numpy = sys.modules["numpy"]
    if value.dtype.hasobject:
        texts = [text_of(one) for one in value.reshape(-1).tolist()]
        value = numpy.array(texts, dtype=str).reshape(value.shape)
    numpy.save(path, value, allow_pickle=False)


def _column(column: Any) -> Any:
    import pyarrow

    kind = str(column.dtype)
    if kind.startswith("Sparse"):
        column = column.sparse.to_dense()
    elif kind == "category":
        column = column.astype(object)
    try:
        made = pyarrow.Array.from_pandas(column)
        return made.combine_chunks() if isinstance(made, pyarrow.ChunkedArray) else made
    except Exception:  # mixed types, or such as Arrow has none for: Arrow raises half a dozen kinds of errors
        missing = column.isna()
        return pyarrow.array([None if gone else text_of(one) for one, gone in zip(column, missing, strict=True)])


def _type(column: Any) -> str:
    """The column's type; of a categorical with its categories, whose order is the order of what is sorted by it."""
    kind = str(column.dtype)
    if kind != "category":
        return kind
    categories = repr((column.cat.ordered, column.cat.categories.tolist()))
    return f"category {hashlib.sha256(categories.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def text_of(value: Any) -> str:
    """The value's `repr` as text that every encoding takes, without addresses in memory.

    An object that shows nothing but its address is told by its attributes; a geometry and an array whole.
    """
    shape = getattr(value, "wkt", None)  # shapely's repr ends after 80 characters
    if isinstance(shape, str):
        text = f"{type(value).__name__} {shape}"
    elif type(value).__module__ == "numpy":
        with sys.modules["numpy"].printoptions(threshold=sys.maxsize, precision=17):
            text = repr(value)
    else:
        text = repr(value)
    if _ADDRESS.search(text):
        told = {name: text_of(one) for name, one in getattr(value, "__dict__", {}).items() if one is not value}
        text = f"{_ADDRESS.sub('0x', text)} {told}" if told else _ADDRESS.sub("0x", text)
    return text.encode("utf-8", "backslashreplace").decode()
