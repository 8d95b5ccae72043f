"""Where the code of an access stands when a function of the notebook does it."""

from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.facts import Span

SAVE = "import pandas as pd\n\ndef save(frame, name='out.csv'):\n    frame.to_csv(name)\n"


def test_an_access_in_a_function_of_another_cell_says_where_it_is_written() -> None:
    (access,) = analyse(notebook_of(SAVE, "df = pd.DataFrame()\nsave(df, 'mine.csv')")).of("c2").accesses
    assert (access.target, access.span) == ("mine.csv", Span(2, 0, 2, 20))
    assert access.written is not None
    assert access.written.cell_id == "c1"
    assert (access.written.span, access.written.expression) == (Span(4, 4, 4, 22), "name")
    assert (access.written.receiver, access.written.receiver_span) == ("frame", Span(4, 4, 4, 9))


def test_functions_that_call_functions_lead_to_the_innermost() -> None:
    outer = "def both(frame):\n    save(frame)\n    save(frame, 'second.csv')"
    accesses = analyse(notebook_of(SAVE, outer, "both(pd.DataFrame())")).of("c3").accesses
    assert {(access.target, access.written and access.written.cell_id) for access in accesses} == {
        ("out.csv", "c1"),
        ("second.csv", "c1"),
    }


def test_an_access_of_the_cell_itself_stands_where_it_is() -> None:
    (access,) = analyse(notebook_of("import pandas as pd\ndf = pd.read_csv('a.csv')")).cells[0].accesses
    assert access.written is None


def test_a_cell_too_tangled_to_follow_leaves_the_next_ones_as_they_are() -> None:
    tangled = "def f(n):\n" + "    n = " + "f(" * 400 + "n" + ")" * 400 + "\nf(1)"
    cells = analyse(notebook_of(tangled, "import pandas as pd\ndf = pd.read_csv('a.csv')")).cells
    assert [access.written for access in cells[-1].accesses] == [None]
    assert cells[-1].accesses[0].expression_span is not None
