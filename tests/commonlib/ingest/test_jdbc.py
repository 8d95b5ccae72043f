"""A table of a database lands by the driver that Spark has for it. Spark brings Derby, with its driver."""

import datetime
from decimal import Decimal

import pytest

from commonlib import ingest, lake

ADDRESS = "jdbc:derby:memory:shop"


@pytest.fixture
def shop(spark, tmp_path):
    spark._jvm.java.lang.System.setProperty("derby.stream.error.file", str(tmp_path / "derby.log"))
    connection = spark._jvm.java.sql.DriverManager.getConnection(f"{ADDRESS};create=true")
    statement = connection.createStatement()
    statement.execute(
        "create table orders "
        "(id bigint, code varchar(9), price decimal(12,2), big decimal(31,0), moment timestamp, born date)"
    )
    statement.execute(
        "insert into orders values (1, '00123', 1.10, 1234567890123456789012345678901, '2020-03-29 02:30:00.123456', "
        "'1500-03-01'), (9007199254740993, '', 2.00, null, null, null)"
    )
    yield
    statement.execute("drop table orders")
    connection.close()


@pytest.mark.usefixtures("shop")
def test_a_table_lands_with_its_types_and_is_one_version_when_landed_again():
    found = ingest.ingest(ADDRESS, "raw/orders", table="ORDERS")
    assert lake.read_pandas("raw/orders").astype(object).where(lambda rows: rows.notna(), None).to_numpy().tolist() == [
        [1, "00123", Decimal("1.10"), Decimal("1234567890123456789012345678901"),
         datetime.datetime(2020, 3, 29, 2, 30, 0, 123456), datetime.date(1500, 3, 1)],
        [9007199254740993, "", Decimal("2.00"), None, None, None],
    ]  # fmt: skip
    types = [column.type for column in found.version.columns]
    assert types == ["bigint", "string", "decimal(12,2)", "decimal(31,0)", "timestamp_ntz", "date"]
    assert not ingest.ingest(ADDRESS, "raw/orders", table="ORDERS").is_new


@pytest.mark.parametrize(
    ("address", "table", "words"),
    [
        (ADDRESS, "PEARS", "PEARS' does not exist"),
        (ADDRESS, "(select 1) x", "is not the name of a table"),
        ("jdbc:mysql://localhost/shop", "orders", "Spark has no driver for it; start Spark with the vendor's jar"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_read_is_told_with_what_to_do(address, table, words):
    with pytest.raises(ingest.IngestError, match=words.replace("(", r"\(")):
        ingest.ingest(address, "raw/no", table=table)
    assert lake.latest("raw/no") is None
