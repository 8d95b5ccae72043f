"""What a cell binds, reads, deletes and may carry on, by Python's own rules."""
# ruff: noqa: E501 - a row is a line

import ast
import sys

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.names import find_names

# code, binds, reads
ROWS = [
    ("x = 1", "x", ""),
    ("x = y", "x", "y"),
    ("x = x", "x", "x"),
    ("x = 1; x = x", "x", ""),
    ("x += 1", "x", "x"),
    ("x: int = y", "x", "int y"),
    ("x: int", "", "int"),
    ("a, (b, *c) = d", "a b c", "d"),
    ("a = b = c", "a b", "c"),
    ("x.a = y", "", "x y"),
    ("x[i] = y", "", "i x y"),
    ("x[i] += 1", "", "i x"),
    ("import a.b, c as d", "a d", ""),
    ("from a import b, c as d", "b d", ""),
    ("for i in xs: y = i", "i y", "xs"),
    ("while n: n -= 1", "n", "n"),
    ("with open(p) as f: t = f.read()", "f t", "open p"),
    ("with a as (b, c): pass", "b c", "a"),
    ("[x for x in xs if y]", "", "xs y"),
    ("[x for x in x]", "", "x"),
    ("{k: v for k, v in kv}", "", "kv"),
    ("[y := f(x), y ** 2]", "y", "f x"),
    ("any((w := x) for x in xs)", "w", "any xs"),
    ("[[a for a in row] for row in m]", "", "m"),
    ("f = lambda x: x + y", "f", ""),
    ("f = lambda x: x + y\nf(1)", "f", "y"),
    ("y = 1\nf = lambda x: x + y\nf(1)", "y f", ""),
    ("xs.sort(key=lambda r: r + y)", "", "xs y"),
    ("def f(a, b=c, *d, e: T = g, **h) -> R: return a + z", "f", "R T c g"),
    ("def f(): return z\nf()", "f", "z"),
    ("def f(): return z\nz = 1\nf()", "f z", ""),
    ("def f(): return g()\ndef g(): return z\nf()", "f g", "z"),
    ("def f():\n    x = 1\n    def g():\n        return x + y\n    return g\nf()", "f", "y"),
    ("def f():\n    global total\n    total = 1", "f", ""),
    ("@deco\ndef f(): pass", "f", "deco"),
    ("class A(B, metaclass=M):\n    x = y\n    z = x", "A", "B M y"),
    ("class A:\n    x = 1\n    def f(self): return x", "A", ""),
    ("class A:\n    x = 1\n    def f(self): return x\nA()", "A", "x"),
    ("class A:\n    x = 1\n    y = [x for _ in range(3)]", "A", "range x"),
    ("try:\n    import q\nexcept ImportError:\n    q = None", "q", "ImportError"),
    ("try:\n    x = 1\nexcept E as e:\n    print(e)", "x", "E print"),
    ("e = 1\ntry: f()\nexcept E as e: pass", "e", "E f"),
    ("if c: x = 1\nelse: x = 2\nprint(x)", "x", "c print"),
    ("if c: raise E\nx = 1", "x", "E c"),
    (
        "match p:\n    case {'k': v, **rest}: pass\n    case [a, *b] if a: pass\n    case C(x=z) | z: pass",
        "a b rest v z",
        "C p",
    ),
    ("match p:\n    case M.K: pass", "", "M p"),
    ("del x", "", "x"),
    ("x = 1\ndel x", "", ""),
    ("print(f'{a!r:>{w}}')", "", "a print w"),
    ("async def f(): await g()", "f", ""),
    ("assert a, b", "", "a b"),
    ("global g\ng = 1", "g", ""),
    ("x = yield_ if a else b", "x", "a b yield_"),
    ("(a)[0].b.c(d)[e:f]", "", "a d e f"),
    ("нет = да + 数", "нет", "да 数"),
]


@pytest.mark.parametrize(("code", "binds", "reads"), ROWS)
def test_names_follow_python(code: str, binds: str, reads: str) -> None:
    found = find_names(ast.parse(code), {})
    assert (sorted(found.binds), sorted(found.reads)) == (sorted(binds.split()), sorted(reads.split()))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
@pytest.mark.parametrize(
    ("code", "binds", "reads"),
    [
        ("type A[T] = list[T]", "A", ""),
        ("def f[T](x: T) -> T: return x", "f", ""),
        ("class C[T](B[T]): pass", "C", "B"),
    ],
)
def test_type_parameters_stay_inside(code: str, binds: str, reads: str) -> None:
    found = find_names(ast.parse(code), {})
    assert (sorted(found.binds), sorted(found.reads)) == (sorted(binds.split()), sorted(reads.split()))


@pytest.mark.parametrize(
    ("code", "carries"),
    [
        ("if c: x = 1", "x"),
        ("if c: x = 1\nprint(x)", "x"),
        ("try: x = f()\nexcept E: pass", "x"),
        ("for i in xs: y = i", ""),
        ("if c: x = 1\nx = 2", ""),
    ],
)
def test_what_is_bound_on_some_ways_only_may_carry_an_older_value_on(code: str, carries: str) -> None:
    assert sorted(find_names(ast.parse(code), {}).carries) == sorted(carries.split())


def test_a_cell_reads_what_the_functions_it_calls_read_when_they_are_called() -> None:
    facts = analyse(notebook_of("def f(): return rate * 2", "rate = 3", "f()"))
    assert facts.of("c1").reads == frozenset()
    assert facts.of("c3").reads == {"f", "rate"}
    assert facts.flow.hidden == ()


def test_builtins_are_read_only_where_the_notebook_binds_them() -> None:
    facts = analyse(notebook_of("list(range(3))", "sum = 1", "sum + 1"))
    assert facts.of("c1").reads == frozenset()
    assert facts.of("c3").reads == {"sum"}


def test_magics_bind_and_read_what_they_say() -> None:
    facts = analyse(
        notebook_of("%%time\nx = 1", "files = !ls", "%matplotlib inline\ny = x + len(files)", "!pip install 'a>=2' b")
    )
    assert facts.of("c1").binds == {"x"}
    assert facts.of("c2").binds == {"files"}
    assert facts.of("c3").reads == {"x", "files"}
    assert facts.of("c4").pip_requirements == ("a>=2", "b")
    assert facts.of("c3").opaque == ()


def test_imports_say_where_they_stand() -> None:
    facts = analyse(
        notebook_of("import numpy as np, os.path\nfrom a.b import c as d\ndef f():\n    from . import lazy")
    )
    assert [
        (each.module, each.attribute, each.name, each.top_level, each.level) for each in facts.cells[0].imports
    ] == [
        ("numpy", None, "np", True, 0),
        ("os.path", None, "os", True, 0),
        ("a.b", "c", "d", True, 0),
        ("", "lazy", "lazy", False, 1),
    ]


def test_definitions_tell_what_they_take_and_what_they_change() -> None:
    facts = analyse(
        notebook_of(
            "seen = []",
            "import numpy as np\n@cached\ndef f(frame, n=limit):\n    '''Doc.'''\n    frame['x'] = np.log(n)\n    seen.append(n)\n"
            "    return frame\n",
        )
    )
    (definition,) = facts.of("c2").definitions
    assert definition.parameters == ("frame", "n")
    assert definition.free == {"np", "seen"}
    assert definition.header == {"cached", "limit"}
    assert definition.mutates_arguments == {"frame"}
    assert definition.mutates_free == {"seen"}
    assert definition.docstring == "Doc."
    assert (definition.span.line, definition.span.end_line) == (2, 7)


def test_the_rest_of_a_broken_cell_is_still_analysed() -> None:
    facts = analyse(notebook_of("rate = 2\nprint 'x'\ntotal = = rate", "print(rate, total)"))
    assert facts.of("c1").problem is not None
    assert facts.of("c1").binds == {"rate", "total"}
    assert facts.flow.hidden == ()


def test_a_cell_magic_below_the_first_line_is_a_problem_with_its_place() -> None:
    facts = analyse(notebook_of("x = 1\n%%time\ny = x", "%%time\nx = 1"))
    problem = facts.of("c1").problem
    assert problem is not None
    assert "%%time" in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (2, 0)
    assert facts.of("c2").problem is None
