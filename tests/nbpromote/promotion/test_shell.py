"""What a shell command makes beside the notebook is not there in production; what it only looks at is."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for
from tests.nbpromote.promotion.empty_repository import EmptyRepository

READS = "# %%\nimport pandas as pd\nimport os\n\n# %%\n{shell}\n\n# %%\npd.read_csv('{path}').sum().to_csv('sum.csv')\n"


def draft_of(shell: str, path: str) -> None:
    source = "notebooks/adhoc/n.py"
    make_draft(parse(READS.format(shell=shell, path=path).encode(), source), options_for(source), EmptyRepository())


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("# !unzip -q sales.zip -d got", "got/sales.csv"),
        ("# !mkdir got && cp ../x.csv got/x.csv", "got/x.csv"),
        ("# !wget -q https://example.org/data/sales.csv", "sales.csv"),
        ("os.system('tar xf all.tar -C got')", "got/sales.csv"),
    ],
)
def test_what_a_shell_command_makes_is_refused(shell: str, path: str) -> None:
    with pytest.raises(CannotPromote) as refused:
        draft_of(shell, path)
    assert [one.code for one in refused.value.findings] == ["PR204"]
    assert "which a shell command of cell 2 makes" in refused.value.findings[0].message


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("# !head -3 got/sales.csv", "got/sales.csv"),
        ("# !unzip -q sales.zip -d /tmp/got", "/tmp/got/sales.csv"),
        ("# !unzip -q other.zip -d elsewhere", "got/sales.csv"),
        ("# !wget -q https://example.org/got/other.csv", "sales.csv"),
    ],
)
def test_what_no_shell_command_makes_is_read(shell: str, path: str) -> None:
    draft_of(shell, path)
