"""A table of any database that Spark has a driver for: one query, and so one snapshot wherever a query sees one."""

import os
import re
from pathlib import Path

from commonlib import session
from commonlib.ingest.errors import IngestError

_USER, _PASSWORD, _DRIVER = "JDBC_USER", "JDBC_PASSWORD", "JDBC_DRIVER"
# Java finds a driver by its address only among the jars that Spark itself is made of.
_DRIVERS = {
    "db2": "com.ibm.db2.jcc.DB2Driver",
    "h2": "org.h2.Driver",
    "mariadb": "org.mariadb.jdbc.Driver",
    "mysql": "com.mysql.cj.jdbc.Driver",
    "oracle": "oracle.jdbc.OracleDriver",
    "sqlite": "org.sqlite.JDBC",
    "sqlserver": "com.microsoft.sqlserver.jdbc.SQLServerDriver",
}
_EXACT = "tinyInt1isBit=false&yearIsDateType=false"
_SECRET = re.compile(r"(?i)\b(password|pwd|passwd)\s*=|//[^/@:]*:[^/@]*@|:[^/:@]+/[^/@]+@")
# What Spark makes of numbers without limits, or of more digits: it would round some, and stop at others.
_UNLIMITED = re.compile(r"decimal\(38,\d+\)")


def fetch(url: str, table: str, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """The table as a Parquet file with the types that its driver gives, and what is worth telling. Raises IngestError.

    It is read by one task as it comes, so that nothing need fit into memory.
    """
    name = ":".join(url.split(":")[:2])
    if _SECRET.search(url):
        raise IngestError(f"{name}: the address holds a password; take it out, and give it by {_PASSWORD} ({_USER})")
    if not re.fullmatch(r'[^\s;()\'"]+(\.[^\s;()\'"]+)*|("[^"]+"\.)?"[^"]+"', table):
        raise IngestError(f"{table!r} is not the name of a table; write schema.table")
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    from commonlib.lake import schema, spark_frames

    spark = session.get_spark()
    if "connect" in type(spark).__module__ or not str(spark.sparkContext.master).startswith("local"):
        raise IngestError(f"{name}: is read by a Spark on this machine; unset SPARK_REMOTE, or spark.master")
    given = {"user": _USER, "password": _PASSWORD, "driver": _DRIVER}
    options = {"driver": driver} if (driver := _DRIVERS.get(url.split(":")[1])) else {}
    options |= {option: value for option, variable in given.items() if (value := os.environ.get(variable))}
    reader = spark.read.format("jdbc").options(url=_known(url), dbtable=table, fetchsize="10000", **options)
    reader = reader.option("preferTimestampNTZ", "true")
    try:
        frame = reader.load()
        texts = [field.name for field in frame.schema if _UNLIMITED.fullmatch(field.dataType.simpleString())]
        if texts:
            frame = reader.option("customSchema", ", ".join(f"{schema.quote(each)} STRING" for each in texts)).load()
        spark_frames.write(frame, str(scratch / "table"))
    except (PySparkException, Py4JJavaError) as error:
        raise IngestError(f"{name}: {_reason(error)}") from error
    found = next((scratch / "table").glob("*.parquet")).rename(scratch / "table.parquet")
    told = tuple(
        f"column {each!r} may have numbers of more than 38 digits; it is text, in which none is lost" for each in texts
    )
    return found, told


def _known(url: str) -> str:
    """The address as Spark and the driver take it for what it is.

    Spark puts MariaDB's columns in quotes that make texts of them there. Drivers of both make true of a tinyint of 2.
    """
    kind, rest = url.split(":", 2)[1:]
    if kind not in ("mysql", "mariadb"):
        return url
    return f"jdbc:mysql:{rest}{'&' if '?' in rest else '?'}{_EXACT}{'&permitMysqlScheme' * (kind == 'mariadb')}"


def _reason(error: Exception) -> str:
    said = str(error)
    if "No suitable driver" in said or "ClassNotFoundException" in said:
        return (
            "Spark has no driver for it; start Spark with the vendor's jar, for example with "
            f'PYSPARK_SUBMIT_ARGS="--jars driver.jar pyspark-shell", and name its class by {_DRIVER}'
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line.partition("Exception: ")[2] for line in lines if re.search(r"\bSQL\w*Exception: ", line)]
    return (causes or lines or [type(error).__name__])[0]
