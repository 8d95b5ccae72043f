"""Do Papermill's own tests pass when every notebook that they run is run by the engine `nbpromote`?

Papermill installs its tests with itself. They run here with the engine registered as the default one, in place of
Papermill's; what is given beside goes to pytest.
"""

import sys
from pathlib import Path

import pytest

ENGINE = ("test_execute.py", "test_engines.py", "test_clientwrap.py", "test_autosave.py")


class Default:
    """A plugin of pytest that makes the engine the default before anything is collected."""

    def pytest_configure(self) -> None:
        import papermill
        from papermill.engines import papermill_engines

        from nbpromote.effects.kernels.engine import NbpromoteEngine

        print(f"Papermill {papermill.__version__}, {NbpromoteEngine.__module__} by default")
        papermill_engines.register(None, NbpromoteEngine)


def main() -> int:
    import papermill

    tests = Path(papermill.__file__).parent / "tests"
    words = sys.argv[1:]
    chosen = [str(tests / name) for name in ENGINE]
    if "--all" in words:
        words.remove("--all")
        chosen = [str(tests)]
    return pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:nbpromote", "--rootdir", str(tests.parents[1]),
                        "-c", "/dev/null", *words, *chosen], plugins=[Default()])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
