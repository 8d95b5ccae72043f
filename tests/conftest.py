"""What every test may ask for: one Spark session for the whole run, started as a notebook's would be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """The Spark session of the whole test run. Never stop it; what a test sets on it, the test sets back."""
    from commonlib.session import get_spark

    session = get_spark("tests")
    yield session
    session.stop()
