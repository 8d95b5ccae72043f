"""Noise is masked, float noise settled, and everything else is a difference."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpromote.running.noise import mask, settle

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def masked(text: str) -> str:
    return mask(text, now=NOW, places={"/home/ann/project": "<root>", "/home/ann/project/lake": "<lake>"})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("at 2026-03-04 11:59:01.123", "at <time>"),
        ("last purchase 1998-06-30 00:00:00", "last purchase 1998-06-30 00:00:00"),
        ("<Model at 0x7f3c2a1b9d10>", "<Model at <address>>"),
        ("/home/ann/project/lake/raw/x and /home/ann/project/a.py", "<lake>/raw/x and <root>/a.py"),
        ("26/03/04 11:00:00 WARN Utils: loopback\nkept\n", "kept\n"),
        ("[Stage 3:>      (0 + 2) / 2]\nkept", "kept"),
        ("CPU times: user 2 ms\nWall time: 3 ms\nkept", "kept"),
        ("wrote derived/value version 12: 3 rows", "wrote derived/value version <version>: 3 rows"),
        ("HashAggregate(keys=[customer#12L])", "HashAggregate(keys=[customer#<id>])"),
        ("took 3.21 s", "took <duration>"),
        ("39 weeks, 5 s of 1997-09-30", "39 weeks, 5 s of 1997-09-30"),
    ],
)
def test_clocks_addresses_paths_and_progress_are_masked_and_data_is_not(text: str, wanted: str) -> None:
    assert masked(text) == wanted
    assert masked(masked(text)) == wanted


@pytest.mark.parametrize(
    ("reference", "computed"),
    [
        ("total 0.30000000000000004", "total 0.3"),
        ("1.0 2.5e-07", "1.0 2.5000000000000001e-07"),
        ("  0.123456\n  10.000000", "  0.123457\n   9.999999"),
    ],
)
def test_float_noise_is_settled(reference: str, computed: str) -> None:
    assert settle(reference, computed, tolerance=1e-9) == reference


@pytest.mark.parametrize(
    ("reference", "computed"),
    [
        ("23570 rows", "23571 rows"),
        ("0.5", "0.6"),
        ("1.25", "1.26"),
        ("a 1.0", "b 1.0"),
        ("1.0", "1.0 2.0"),
        ("-1.5", "1.5"),
    ],
)
def test_a_change_is_a_change(reference: str, computed: str) -> None:
    assert settle(reference, computed, tolerance=1e-9) == computed


@given(st.text(), st.text())
def test_settling_takes_one_of_its_two_texts(reference: str, computed: str) -> None:
    assert settle(reference, computed, tolerance=1e-9) in {reference, computed}
    assert settle(reference, reference, tolerance=0) == reference
