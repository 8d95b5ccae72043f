"""The parameters that a Databricks notebook asks for."""

from dataclasses import replace

from notebook_making import notebook_of

from nbpromote.analysis import analyse


def test_widgets_are_told_with_their_defaults_and_choices_and_the_variables_that_take_them() -> None:
    facts = analyse(
        notebook_of(
            "dbutils.widgets.dropdown('env', 'dev', ['dev', 'prod'], 'Where')\n"
            "dbutils.widgets.text(name='days', defaultValue='30')",
            "env = dbutils.widgets.get('env')\ndays = int(dbutils.widgets.get('days'))",
            "day = dbutils.widgets.get('day')\nprint(getArgument('old'))",
        )
    )
    assert [(each.name, each.kind, each.default, each.choices, each.variable) for each in facts.widgets] == [
        ("env", "dropdown", "dev", ("dev", "prod"), "env"),
        ("days", "text", "30", (), "days"),
        ("day", "", None, (), "day"),
        ("old", "", None, (), None),
    ]
    assert facts.widgets[0].label == "Where"
    assert (facts.widgets[1].span.line, facts.widgets[1].cell_id) == (2, "c1")


def test_an_export_of_databricks_says_in_its_metadata_what_a_widget_is() -> None:
    info = {
        "widgetType": "dropdown", "name": "env", "defaultValue": "dev", "label": "Where",
        "options": {"widgetType": "dropdown", "choices": ["dev", "prod"]},
    }  # fmt: skip
    saved = {"application/vnd.databricks.v1+notebook": {"widgets": {"env": {"currentValue": "x", "widgetInfo": info}}}}
    facts = analyse(replace(notebook_of("env = dbutils.widgets.get('env')"), metadata=saved))
    assert [(each.kind, each.default, each.choices, each.label) for each in facts.widgets] == [
        ("dropdown", "dev", ("dev", "prod"), "Where")
    ]


def test_a_widget_made_in_sql_is_one_too() -> None:
    facts = analyse(
        notebook_of(
            "%%sql\nCREATE WIDGET TEXT day DEFAULT '2020-01-01';\n"
            'CREATE WIDGET DROPDOWN env DEFAULT "dev" CHOICES SELECT * FROM (VALUES ("dev"), ("prod"))'
        )
    )
    assert [(each.name, each.kind, each.default, each.choices) for each in facts.widgets] == [
        ("day", "text", "2020-01-01", ()),
        ("env", "dropdown", "dev", ("dev", "prod")),
    ]


def test_a_cell_that_asks_for_a_widget_needs_the_one_that_makes_it() -> None:
    facts = analyse(
        notebook_of(
            "dbutils.widgets.text('day', '2020-01-01')\ndbutils.widgets.text('least', '3')",
            "%%sql\nselect * from sales where day = :day and amount > ${least}",
            "print(dbutils.widgets.get('day'))",
        )
    )
    made = {(edge.source, edge.target, edge.name) for edge in facts.flow.edges}
    assert {("c1", "c2", "widget day"), ("c1", "c2", "widget least"), ("c1", "c3", "widget day")} <= made
