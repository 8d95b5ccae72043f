"""A notebook of which a kernel does not come to its end is told as that, with what to do."""

import pytest

from nbpromote.effects.kernels.session import HiddenCodeFailed
from nbpromote.effects.promoting.proof_runs import NeverEnds, ending


def test_a_kernel_that_does_not_answer_after_its_cells_is_told_with_what_to_do() -> None:
    told = r"a\.py: the cells of the ad-hoc notebook ran.* a stream.* stop at the end"
    with pytest.raises(NeverEnds, match=told), ending("ad-hoc", "a.py"):
        raise HiddenCodeFailed("end", "it took too long")


def test_a_kernel_that_could_not_be_prepared_is_no_such_thing() -> None:
    with pytest.raises(HiddenCodeFailed), ending("ad-hoc", "a.py"):
        raise HiddenCodeFailed("preamble", "ImportError: x")
