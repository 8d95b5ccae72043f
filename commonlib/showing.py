"""Showing a result in a cell's output, as Databricks' `display` does: a Spark frame by its first rows."""

from commonlib.lake.spark_frames import is_frame

ROWS = 1000  # as many as Databricks shows without being asked


def displayHTML(html: str) -> None:  # noqa: N802  Databricks' name
    """Show a text as HTML, as Databricks' function of this name does."""
    from IPython.display import HTML, display

    display(HTML(html))  # type: ignore[no-untyped-call]


def display(value: object) -> None:
    """Show a value; of a Spark DataFrame up to 1,000 rows, as a table."""
    try:
        from dbruntime.display import display as show  # type: ignore[import-not-found]  # Databricks' own
    except ImportError:
        from IPython.display import display as show

        if is_frame(value):
            value = value.limit(ROWS).toPandas()  # type: ignore[attr-defined]
    show(value)
