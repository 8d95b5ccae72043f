"""Where an ad-hoc notebook's imports are looked for, as its code tells it."""

import pytest

from nbpromote.analysis import analyse
from nbpromote.notebook import parse
from nbpromote.promotion.draft import Draft, Options
from nbpromote.promotion.search_path import find_added


@pytest.mark.parametrize(
    ("code", "folders", "lines"),
    [
        ("sys.path.append('..')", ["notebooks/team"], 1),
        ("sys.path.insert(0, str(Path.cwd().parent))", ["notebooks/team"], 1),
        ("sys.path.append(os.path.join(os.getcwd(), '..', 'src'))", ["notebooks/team/src"], 1),
        ("sys.path.append(os.path.abspath(os.path.join(os.pardir, os.pardir)))", ["notebooks"], 1),
        ("root = os.path.abspath('..')\nif root not in sys.path:\n    sys.path.append(root)", ["notebooks/team"], 2),
        ("root = os.path.abspath('..')\nsys.path.append(root)\nprint(root)", ["notebooks/team"], 1),
        ("sys.path.append('/opt/tools')", [], 0),
        ("sys.path.append(find_root())", [], 0),
        ("paths.append('..')", [], 0),
    ],
)
def test_a_folder_that_is_added_to_the_path_is_found_with_its_lines(code: str, folders: list[str], lines: int) -> None:
    notebook = parse(f"# %%\nimport os, sys\nfrom pathlib import Path\n{code}\n".encode(), "notebooks/team/adhoc/a.py")
    draft = Draft(analyse(notebook), Options("notebooks/team/adhoc/a.py", "a", "a"))
    draft = Draft(draft.facts, draft.options, kept=tuple(cell.id for cell in notebook.cells))
    found = list(find_added(draft))
    assert [one.folder for one in found] == folders
    assert sum(len(one.lines) for one in found) == lines
