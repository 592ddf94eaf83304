"""Times as they are written for others."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.timestamps import rfc3339


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_782_000_000_000_000, "2026-06-21T00:00:00.000Z"),
        (1_782_000_000_007_999, "2026-06-21T00:00:00.007Z"),
        (1_782_000_000_999_999, "2026-06-21T00:00:00.999Z"),
    ],
)
def test_a_time_has_milliseconds_and_a_z_even_on_the_full_second(us, text):
    assert rfc3339(us) == text


@given(st.integers(0, 4_000_000_000_000_000))
def test_a_time_is_cut_to_milliseconds_and_never_rounded_up(us):
    read = datetime.fromisoformat(rfc3339(us))
    assert round(read.timestamp() * 1_000) == us // 1_000
