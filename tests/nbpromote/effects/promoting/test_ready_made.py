"""What a notebook of Databricks finds ready made, when its proof runs elsewhere."""

from pathlib import Path

from nbpromote.effects.files.workspace import Workspace
from nbpromote.effects.promoting.ready_made import databricks_of
from nbpromote.notebook import parse
from nbpromote.promotion.planning import make_draft, options_for

SQL = """\
-- Databricks notebook source
CREATE WIDGET DROPDOWN region DEFAULT 'north' CHOICES SELECT * FROM (VALUES ('north'), ('south'))

-- COMMAND ----------

SELECT :region AS region
"""


def test_widgets_that_sql_makes_have_their_defaults(tmp_path: Path) -> None:
    path = "notebooks/adhoc/regions.sql"
    draft = make_draft(parse(SQL.encode(), path), options_for(path), Workspace(tmp_path))
    assert "dbutils.widgets.give({'region': 'north'})" in databricks_of(draft)
