"""Tables of parameters: CSV, JSON, JSON lines, YAML and Parquet say the same; what is no table is refused."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from nbpromote.effects.running.parameter_files import UnreadableParametersFile, read_rows, read_values

ROWS = ({"name": "a", "least": 1}, {"name": "b, c", "least": 2})


def test_every_form_of_a_table_gives_its_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('\ufeffname,least\na,1\n"b, c",2\n', encoding="utf-8")
    (tmp_path / "t.json").write_text('[{"name": "a", "least": 1}, {"name": "b, c", "least": 2}]')
    (tmp_path / "t.jsonl").write_text('{"name": "a", "least": 1}\n\n{"name": "b, c", "least": 2}\n')
    pyarrow.parquet.write_table(pa.Table.from_pylist(list(ROWS)), tmp_path / "t.parquet")
    assert read_rows(tmp_path / "t.csv") == (tuple({**row, "least": str(row["least"])} for row in ROWS), True)
    (tmp_path / "t.yml").write_text("- {name: a, least: 1}\n- name: b, c\n  least: 2\n")
    nulls = pa.table({"n": [1.0, None], "rate": [0.5, None], "all": [1.0, 2.0]})
    pyarrow.parquet.write_table(nulls, tmp_path / "n.parquet")
    assert repr(read_rows(tmp_path / "n.parquet")[0]) == (
        "({'n': 1, 'rate': 0.5, 'all': 1.0}, {'n': None, 'rate': None, 'all': 2.0})"
    ), "pandas keeps whole numbers beside nulls as floats"
    for name in ("t.json", "t.jsonl", "t.parquet", "t.yml"):
        assert read_rows(tmp_path / name) == (ROWS, False)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("t.csv", "a,b\n1\n", "line 2 has other columns"),
        ("t.csv", "a,a\n1,2\n", "does not name each column once"),
        ("t.csv", "a;b\n1;2\n", "its columns are separated by semicolons"),
        ("t.csv", "a,b\n", "has no rows"),
        ("t.csv", "", "has no rows"),
        ("t.json", '{"a": 1}', "is no list of objects"),
        ("t.parquet", "no", "a table of parameters is CSV"),
        ("t.yml", "a: 1", "is no list of objects"),
        ("t.yml", "- a: 1\n-\n", "row 2 is no object"),
        ("t.yml", "- a: 1\n  a: 2", "a is given twice"),
        ("t.txt", "a", ".txt is not known"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableParametersFile, match=said):
        read_rows(tmp_path / name)


def test_a_cell_of_a_csv_may_hold_several_lines(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('name,least\n"a\nb\u2028c",1\n', encoding="utf-8")
    assert read_rows(tmp_path / "t.csv") == (({"name": "a\nb\u2028c", "least": "1"},), True)


def test_a_name_given_twice_in_a_file_of_parameters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text("least: 1\nleast: 2\n")
    with pytest.raises(UnreadableParametersFile, match="least is given twice"):
        read_values(tmp_path / "p.yml")
