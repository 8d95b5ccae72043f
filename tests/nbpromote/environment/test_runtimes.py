"""Where notebooks meet another version on a Databricks runtime."""

import pytest

from nbpromote.environment import Used
from nbpromote.environment.needs import Need
from nbpromote.environment.runtimes import Meeting, UnknownRuntime, find_meetings, parse_listing, read_runtime

USED = [
    Used("a.py", (Need("pandas", ("pandas",)), Need("lifetimes", ("lifetimes",))), "python3"),
    Used("b.py", (Need("pandas", ("pandas",)), Need("numpy", ("numpy",)), Need("rich", ("rich",), is_lazy=True))),
]
LOCKED = {"pandas": "2.3.3", "numpy": "1.26.4", "lifetimes": "0.11.3", "rich": "15.0"}


@pytest.mark.parametrize("version", ["16.4", "16.4 LTS", "16.4.x-scala2.12", " 16.4lts "])
def test_a_runtime_goes_by_each_of_its_names(version: str) -> None:
    runtime = read_runtime(version)
    assert (runtime.name, runtime.python, runtime.packages["pandas"]) == ("16.4 LTS", "3.12", "1.5.3")
    assert "December 2025; see https://docs.databricks.com/" in runtime.source


def test_each_package_that_differs_is_told_with_who_imports_it() -> None:
    meetings = find_meetings(read_runtime("16.4"), LOCKED, USED)
    assert meetings == (
        Meeting("lifetimes", "0.11.3", None, ("a.py",), is_known=False),
        Meeting("pandas", "2.3.3", "1.5.3", ("a.py", "b.py")),
    )
    assert [one.is_major for one in meetings] == [False, True]


def test_a_listing_from_the_runtime_itself_is_whole() -> None:
    listing = "# made there\npandas==2.3.3\nNumPy==2.0.0\n-e git+x#egg=y\n"
    meetings = find_meetings(parse_listing(listing, "99", "there.txt"), LOCKED, USED)
    assert meetings == (
        Meeting("lifetimes", "0.11.3", None, ("a.py",)),
        Meeting("numpy", "1.26.4", "2.0.0", ("b.py",)),
    )


def test_an_unknown_runtime_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownRuntime, match=r"1\.0 is not known here \(15\.4 LTS, 16\.4 LTS, 17\.3 LTS are\)"):
        read_runtime("1.0")
