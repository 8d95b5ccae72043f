"""A database in memory is the notebook's own business; one in a file is not."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for
from tests.nbpromote.promotion.empty_repository import EmptyRepository

FRAME = (
    "# %%\nimport sqlite3\nimport pandas as pd\nfrom sqlalchemy import create_engine\ndf = pd.DataFrame({'a': [1]})\n"
)
READ = "# %%\npd.read_sql('select * from t', con)\n"


def promoted(code: str) -> str:
    source = f"{FRAME}# %%\n{code}\n{READ}"
    return assemble.text_of(make_draft(parse(source.encode(), "a.py"), options_for("a.py"), EmptyRepository()))


@pytest.mark.parametrize(
    "code",
    [
        "con = sqlite3.connect(':memory:')\ndf.to_sql('t', con)",
        "con = sqlite3.connect(':memory:')\ncur = con.cursor()\ncur.execute('insert into t values (1)')",
        "con = create_engine('sqlite://')\ndf.to_sql('t', con=con)",
    ],
)
def test_what_is_written_into_memory_stays_as_it_is(code: str) -> None:
    text = promoted(code).replace('"', "'")
    assert code.splitlines()[-1] in text
    assert "lake" not in text


@pytest.mark.parametrize(
    "code",
    [
        "con = sqlite3.connect('t.db')\ndf.to_sql('t', con)",
        "con = sqlite3.connect(':memory:')\nif df.a.any():\n    con = sqlite3.connect('t.db')\ndf.to_sql('t', con)",
    ],
)
def test_what_is_written_into_a_database_in_a_file_is_refused(code: str) -> None:
    with pytest.raises(CannotPromote):
        promoted(code)
