"""What a record keeps of a Spark session: no secrets, and nothing that is another in each session."""

import json

from nbpromote.effects.kernels.hidden import spark_settings


def test_settings_are_kept_without_secrets_and_without_what_is_of_one_session() -> None:
    told = {
        "version": "4.3.0",
        "spark.app.id": "local-1",
        "spark.hadoop.fs.s3a.secret.key": "hunter22",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": "file:/var/x/commonlib-spark-abc_1-22/warehouse",
        "spark.driver.extraJavaOptions": '-Xmx1g "-Dderby.system.home=/tmp/commonlib-spark-abc-1"',
    }
    said = "something else\n" + json.dumps({"spark": told}) + "\n"
    assert spark_settings(said) == {
        "version": "4.3.0",
        "spark.hadoop.fs.s3a.secret.key": "<secret>",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": "file:<temporary>/warehouse",
        "spark.driver.extraJavaOptions": '-Xmx1g "-Dderby.system.home=<temporary>"',
    }
    assert spark_settings("nothing of it") == {}
