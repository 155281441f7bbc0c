"""How long to wait."""

from __future__ import annotations

import pytest

from consumer.coveo.waiting import Backoff, retry_after_seconds

NOW = "Tue, 24 Nov 2026 07:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999999999", 1_000.0),
        ("Tue, 24 Nov 2026 07:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 06:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1_000.0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\u0661", None),
        ("Tue, 99 Nov 2026 07:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    """Dates are measured by the service's clock; what is neither says nothing."""
    assert retry_after_seconds({"retry-after": value, "date": NOW}, 1_000.0) == seconds


def test_a_date_without_the_services_date_says_nothing() -> None:
    """Our clock may be wrong by more than the wait."""
    assert retry_after_seconds({"retry-after": NOW}, 1_000.0) is None
    assert retry_after_seconds({}, 1_000.0) is None


def test_steps_double_up_to_the_cap() -> None:
    """Seen at the upper end of the jitter."""
    backoff = Backoff(lambda: 1.0, base_seconds=5.0, cap_seconds=120.0)
    waits = [backoff.delay_seconds(attempt) for attempt in (1, 2, 3, 6, 7, 10**9)]
    assert waits == [5.0, 10.0, 20.0, 120.0, 120.0, 120.0]


def test_jitter_reaches_down_to_nothing() -> None:
    """Members that failed together must not come back together."""
    assert Backoff(lambda: 0.0).delay_seconds(9) == 0.0
    assert Backoff(lambda: 0.5).delay_seconds(1) == 2.5


def test_a_wait_that_was_asked_for_is_only_ever_lengthened() -> None:
    """Retry-After has the last word."""
    assert Backoff(lambda: 0.0).delay_seconds(1, 60.0) == 60.0
    assert Backoff(lambda: 0.5).delay_seconds(9, 60.0) == 62.5
