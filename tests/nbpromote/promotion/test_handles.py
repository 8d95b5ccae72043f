"""A file that stays open over cells becomes a version when its last use is over."""

import pytest

from nbpromote.notebook import parse
from nbpromote.promotion import assemble
from nbpromote.promotion.planning import CannotPromote, make_draft, options_for

OPEN = "# %%\nout = open('log.txt', 'w')\n# %%\ndef say(word):\n    out.write(word)\n"


class Nothing:
    def read_bytes(self, path: str) -> bytes | None:
        return None

    def files(self, folder: str) -> tuple[str, ...]:
        return ()


def promoted(source: str) -> str:
    return assemble.text_of(make_draft(parse(source.encode(), "a.py"), options_for("a.py"), Nothing()))


@pytest.mark.parametrize(
    ("rest", "end"),
    [
        ("# %%\nsay('a')\n# %%\nprint('done')\n", 'say("a")'),
        ("# %%\nfor word in 'ab':\n    say(word)\nprint('done')\n", "    say(word"),
        ("# %%\nsay('a')\n# %%\nout.close()\nprint('done')\n", "out.close()"),
    ],
)
def test_it_is_closed_right_after_what_uses_it_last(rest: str, end: str) -> None:
    lines = promoted(OPEN + rest).splitlines()
    assert "writing_out = ExitStack()" in lines
    assert any(
        line.startswith("out = writing_out.enter_context(open(writing_out.enter_context(lake.") for line in lines
    )
    before = lines[lines.index("writing_out.close()") - 1]
    assert before.replace("'", '"').startswith(end.partition(")")[0].replace("'", '"'))
    assert lines.count("writing_out.close()") == 1


@pytest.mark.parametrize("again", ["out = open('b.txt', 'w')", "out = None"])
def test_a_name_that_means_two_files_is_refused(again: str) -> None:
    with pytest.raises(CannotPromote) as refused:
        promoted(f"{OPEN}# %%\nsay('a')\n# %%\n{again}\nprint(out)\n")
    assert {one.code for one in refused.value.findings} == {"PR204"}
