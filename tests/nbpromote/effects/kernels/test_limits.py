"""What people may say of memory, and what they are told when it makes no sense."""

import pytest

from nbpromote.effects.kernels.limits import NoSuchSize, bytes_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4_000_000_000), ("1.5 g", 1_500_000_000), ("800MiB", 800 * 2**20), ("100000000", 100_000_000)],
)
def test_an_amount_of_memory_is_read_as_people_write_it(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1GB", "4 GB or so", "12MB", "1e9"])
def test_what_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoSuchSize, match="say it like 4GB"):
        bytes_of(text)
