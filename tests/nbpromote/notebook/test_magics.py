"""Cells with magics become Python in which every line keeps its place."""

import ast
import re
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nbpromote.analysis.opaque import find_opaque
from nbpromote.notebook import Cell, CellKind
from nbpromote.notebook.magics import MagicKind, Place, code_of, to_python


def names(source: str, context: type[ast.expr_context]) -> set[str]:
    tree = to_python(source).tree
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    return found - {"get_ipython"}


@pytest.mark.parametrize(
    ("source", "bound", "read"),
    [
        ("x = !ls", {"x"}, set()),
        ("x = %sql select 1", {"x"}, set()),
        ("%time x = f(5)", {"x"}, {"f"}),
        ("y = %time f(x)", {"y"}, {"f", "x"}),
        ("%%time\nx = f(y)", {"x"}, {"f", "y"}),
        ("%%capture out\nx = f(y)", {"x", "out"}, {"f", "y"}),
        ("%%prun -s cumulative\nf(y)", set(), {"f", "y"}),
        ("%timeit -n 10 -r3 f(y)", set(), {"f", "y"}),
        ("%%time\n%%capture out\nx = 1", {"x", "out"}, set()),
        ("%%bash --out listing\nls", {"listing"}, set()),
        ("%%R -i df -o fit\nfit <- lm(df)", {"fit"}, set()),
        ("%%sql result << select 1", {"result"}, set()),
        ("%store -r model", {"model"}, set()),
        ("if a:\n    %time b = c\n    !ls\nd = 1", {"b", "d"}, {"a", "c"}),
        ("%time x = f(1, \\\n    y)", {"x"}, {"f", "y"}),
        (">>> x = y\n>>> z = x", {"x", "z"}, {"x", "y"}),
        ("  x = y\n  %who\n  z = x", {"x", "z"}, {"x", "y"}),
    ],
)
def test_what_a_cell_with_magics_binds_and_reads_is_in_its_python(source: str, bound: set[str], read: set[str]) -> None:
    assert to_python(source).problem is None
    assert names(source, ast.Store) == bound
    assert names(source, ast.Load) == read


@pytest.mark.parametrize(
    ("source", "kind", "name", "arguments"),
    [
        ("%run ./setup.py --fast", MagicKind.LINE, "run", "./setup.py --fast"),
        ("%pip install pandas==2", MagicKind.LINE, "pip", "install pandas==2"),
        ("!pip install -q pandas", MagicKind.SHELL, "pip", "install -q pandas"),
        ("!pip3 install pandas", MagicKind.SHELL, "pip", "install pandas"),
        ("!{sys.executable} -m pip install pandas", MagicKind.SHELL, "pip", "install pandas"),
        ("%conda install pandas", MagicKind.LINE, "conda", "install pandas"),
        ("?df.head", MagicKind.HELP, "pinfo", "df.head"),
        ("df.head??", MagicKind.HELP, "pinfo2", "df.head"),
        ("%%html\n<b>hi</b>", MagicKind.CELL, "html", ""),
    ],
)
def test_a_magic_is_recorded_with_its_arguments(source: str, kind: MagicKind, name: str, arguments: str) -> None:
    (magic,) = to_python(source).magics
    assert (magic.kind, magic.name, magic.arguments) == (kind, name, arguments)
    assert magic.place.line == 1


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("%%bash\nls\necho hi", "bash"),
        ("%%html\n<b>hi</b>", "html"),
        ("%%javascript\nalert(1)", "javascript"),
        ("%%R\nx <- 1", "r"),
        ("%%sql\nselect 1", "sql"),
        ("%%writefile module.py\nx = 1", "file"),
        ("%%python\nx = 1", "python process"),
    ],
)
def test_a_cell_in_another_language_is_carried_whole(source: str, language: str) -> None:
    code = to_python(source)
    (foreign,) = code.foreign
    assert code.language == foreign.language == language
    assert foreign.source == source.split("\n", 1)[1]
    assert foreign.place.line == 2


def test_names_that_a_shell_line_or_a_query_may_pull_in_are_told() -> None:
    (magic,) = to_python("!cp {source_path} $target && echo $$ {{kept}}").magics
    assert magic.reads == {"source_path", "target"}
    (magic,) = to_python("%%sql\nselect * from t where day = :cutoff").magics
    assert magic.reads == {"cutoff"}


def test_assignments_timed_by_timeit_stay_inside() -> None:
    assert to_python("x = 1\n%timeit y = x").local_lines == {2}
    assert to_python("%%timeit z = 2\ny = z\nw = y").local_lines == {1, 2, 3}
    assert to_python("%%time\ny = 1").local_lines == frozenset()


@pytest.mark.parametrize(
    "source",
    [
        "%time größe = schätze(df)",
        "if x:\n    %timeit -n 3 schätze(df)",
        "   a = 1\n   größe = schätze(df)\n   %matplotlib inline",
        ">>> a = 'ä'; größe = schätze(df)",
        "%time f(1, \\\n  schätze(df))",
        "x = 1\r\n%who\r\ny = schätze(df)",
        "a = '\x0c\u2028'\n%who\ny = 'ä' + schätze(df)",
    ],
)
def test_every_name_is_found_where_the_user_wrote_it(source: str) -> None:
    lines = source.replace("\r\n", "\n").split("\n")
    code = to_python(source)
    found = [node for node in ast.walk(code.tree) if isinstance(node, ast.Name) and node.id != "get_ipython"]
    assert {"schätze", "df"} <= {node.id for node in found}
    for node in found:
        place = code.place_of(node)
        assert lines[place.line - 1][place.column : place.end_column] == node.id


def test_what_stands_for_a_magic_leads_to_the_whole_magic() -> None:
    code = to_python("x = 1\nfiles = !ls -l \\\n  *.csv")
    call = next(node for node in ast.walk(code.tree) if isinstance(node, ast.Call))
    assert code.place_of(call) == Place(2, 0, 3, 7)


@pytest.mark.parametrize(
    ("source", "message", "line", "is_python2"),
    [
        ("x = 1\nprint 'hi'", "Python 2 code: a print statement", 2, True),
        ("try:\n    f()\nexcept A, e:\n    pass", "Python 2 code: `except A, e`", 3, True),
        ("raise A, 'no'", "Python 2 code: `raise A, message`", 1, True),
        ("rdd.map(lambda (k, v): v)", "Python 2 code: a tuple as a parameter", 1, True),
        ("y = 1\nx = `y`", "Python 2 code: a repr in backticks", 2, True),
        ("%who\nx = (1,\ny = 2", "'(' was never closed", 2, False),
        ("x = 1\n  y = 2", "unexpected indent", 2, False),
        ("(" * 500, "too many nested parentheses", 1, False),
    ],
)
def test_a_cell_that_is_not_python_says_why_and_where(source: str, message: str, line: int, is_python2: bool) -> None:
    code = to_python(source)
    assert code.problem is not None
    assert message in code.problem.message
    assert code.problem.place is not None
    assert code.problem.place.line == line
    assert code.problem.is_python2 is is_python2


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize(
    ("source", "what", "binds"),
    [
        ("type Pair[T] = tuple[T, T]", "a `type` statement", "Pair"),
        ("def first[T](xs: list[T]) -> T:\n    return xs[0]", "type parameters", "first"),
        ("class Box[T]: ...", "type parameters", "Box"),
        ("s = f'{d['k']}'", "an f-string with quotes or lines of its own inside", "s"),
    ],
)
def test_code_of_a_newer_python_is_told_as_such_and_the_rest_is_read(source: str, what: str, binds: str) -> None:
    code = to_python(f"{source}\nrest = 1")
    assert code.problem is not None
    assert code.problem.message == f"Python 3.12 code, and this is Python 3.11: {what}"
    assert {node.id for node in ast.walk(code.tree) if isinstance(node, ast.Name)} == {binds, "rest"}


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("x = 1\nprint 'hi'\ny = x", "x = 1\n\ny = x"),
        ("def f(a):\n    print a\n\nz = f(3)", "f = ...\n\n\nz = f(3)"),
        ("for i in n:\n    print i\n    t = i\nw = 1", "t = ...\n\n\nw = 1"),
        ("%who\nx = (1,\ny = 2", "get_ipython().run_line_magic('who', '')\nx = ...\ny = 2"),
        ("@deco\ndef f():\n    return 1\nb = = 2\nc = f()", "@deco\ndef f():\n    return 1\nb = ...\nc = f()"),
        ("s = '''\na b\n'''\nb = = 3\nq = 2", "s = '''\na b\n'''\nb = ...\nq = 2"),
        ("if a:\n  x = 1\nelse\n  y = 2", "x = y = ...\n\n\n"),
        ("x = '''\nnot closed\nf(3)", "x = ...\n\n"),
        ("Some words that are prose\nwith a (line) or two\nlist", "\n\n"),
    ],
)
def test_around_what_is_broken_a_cell_is_read_statement_by_statement(source: str, read: str) -> None:
    code = to_python(source)
    assert code.problem is not None
    assert code.source == read
    assert ast.dump(ast.parse(code.source)) == ast.dump(code.tree)


@pytest.mark.parametrize(
    "source", ["\ud800", "a\x00b", "-" * 300_000 + "1", "%time " * 2_000 + "x", "%%time\n" * 2_000]
)
def test_a_hostile_cell_is_told_and_never_raises(source: str) -> None:
    ast.parse(to_python(source).source)


# fmt: off
FRAGMENTS = st.sampled_from([
    "%time ", "%%time", "%timeit -n 2 ", "!ls {x}", "x = ", "f(y)", "\n", "\\\n", "    ", "if x:", "%", "%%", "!", "?",
    "'''", '"', "#", "(", ")", "[", "=", "é", "\t", ">>> ", "... ", "In [1]: ", "%%capture out\n", "%%bash\n",
    "%sql select :b", "\r\n", "\x0c", "\u2028", "/f x", ",f a", ";f a", ", e:", "print 1",
])
# fmt: on
SOURCES = st.lists(FRAGMENTS, max_size=25).map("".join) | st.text(max_size=60)


@settings(max_examples=400, deadline=None)
@given(SOURCES)
def test_any_text_becomes_python_of_as_many_lines(source: str) -> None:
    code = to_python(source)
    tree = ast.parse(code.source)
    rows = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert len(code.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")) == len(rows)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            place = code.place_of(node)
            assert 1 <= place.line <= place.end_line <= len(rows)
            assert (place.line, place.column) <= (place.end_line, place.end_column)
            assert 0 <= place.column <= len(rows[place.line - 1])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["x = 1", "y = f(x)  # %note", "%matplotlib inline", "!ls", "z = '''", "'''", "q?", "# ü"])
    )
)
def test_masking_magics_moves_no_other_line(rows: list[str]) -> None:
    code = to_python("\n".join(rows))
    if code.problem is None:
        masked = {magic.place.line for magic in code.magics}
        for number, (before, after) in enumerate(zip(rows, code.source.split("\n"), strict=False), start=1):
            assert before == after or number in masked


def test_the_cells_that_ipython_accepts_are_accepted() -> None:
    from IPython.core.inputtransformer2 import TransformerManager

    @settings(max_examples=300, deadline=None)
    @given(SOURCES)
    def agree(source: str) -> None:
        # IPython also takes form feeds and the like for line ends, which Python does not, and adds a line end to
        # a cell, which matters behind a backslash.
        assume("\\\n" not in source)
        assume(source.splitlines() == re.split(r"\r\n|\r|\n", source.removesuffix("\n")) or not source)
        try:
            ast.parse(TransformerManager().transform_cell(source))
        except (SyntaxError, ValueError, RuntimeError, IndexError, AssertionError):
            return
        code = to_python(source)
        is_hidden_code = any(magic.kind is MagicKind.CELL or magic.name in {"time", "timeit"} for magic in code.magics)
        assert code.problem is None or is_hidden_code

    agree()


def test_a_databricks_cell_that_names_its_language_is_read_in_it() -> None:
    known = {"databricks": {"magic": True}}
    sql = code_of(Cell("a", 1, CellKind.CODE, "%sql\nselect 1", "sql", metadata=known))
    assert [(foreign.language, foreign.source, foreign.place.line) for foreign in sql.foreign] == [
        ("sql", "select 1", 2)
    ]
    for name in ("python", "py"):
        python = code_of(Cell("a", 1, CellKind.CODE, f"%{name}\nx = 1", "python", metadata=known))
        assert python.problem is None
        assert [magic.name for magic in python.magics] == [name]
        assert python.place_of(python.tree.body[-1]) == Place(2, 0, 2, 5)
        assert find_opaque(python).texts == ()


def test_reading_magics_does_not_import_the_whole_of_ipython() -> None:
    script = (
        "import sys; from nbpromote.notebook.magics import to_python; assert to_python('%who').problem is None\n"
        "assert not {'IPython', 'jupytext', 'nbformat'} & set(sys.modules), 'imported'\n"
        "import IPython; from IPython.core.inputtransformer2 import TransformerManager; IPython.InteractiveShell"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
