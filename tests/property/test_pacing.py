"""Whoever sends only when it is due never exceeds the quota, in any window whatsoever."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.limits import DAY_SECONDS, QUOTA_WINDOW_SECONDS
from consumer.coveo.pacing import Governor, Quota, Share

QUOTAS = st.builds(Quota, st.integers(2, 300), st.integers(2, 3_000))
PAUSES = st.lists(
    st.one_of(st.just(0.0), st.floats(0, 2), st.floats(0, 400), st.floats(0, 40_000)),
    min_size=1,
    max_size=150,
)


def sent_at(governor: Governor, pauses: list[float], start: float) -> list[float]:
    """Return the times of all requests of a sender who waits as told, and at times longer."""
    now, times = start, []
    for pause in pauses:
        now = max(now + pause, governor.due(now + pause, 2))
        if math.isinf(now):
            break
        governor.spend(now, 2)
        times += [now, now]
    return times


def most_within(times: list[float], seconds: float) -> int:
    """Return the largest number of requests in any window of that length."""
    first, most = 0, 0
    for last, time in enumerate(times):
        while time - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(QUOTAS, PAUSES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e6))
def test_no_window_has_more_requests_than_the_quota(
    quota: Quota, pauses: list[float], fraction: float, day_elapsed: float, start: float
) -> None:
    """The service counts in windows of its own, so it must hold for all of them."""
    governor = Governor(quota, start, Share(fraction), day_elapsed)
    times = sent_at(governor, pauses, start)
    assert most_within(times, QUOTA_WINDOW_SECONDS) <= quota.requests_per_window
    assert most_within(times, DAY_SECONDS) <= quota.requests_per_day


@given(QUOTAS, PAUSES)
def test_what_is_due_is_granted_when_that_time_has_come(quota: Quota, pauses: list[float]) -> None:
    """Otherwise the loop would wake up for nothing, again and again."""
    governor = Governor(quota, 0.0)
    for now in sent_at(governor, pauses, 0.0):
        due = governor.due(now, 2)
        assert due >= now
        assert math.isinf(due) or governor.due(due, 2) == due


@given(QUOTAS, st.lists(st.floats(0, 10_000), min_size=1, max_size=5), st.floats(0, 10_000))
def test_nothing_is_due_before_the_latest_retry_after(
    quota: Quota, untils: list[float], now: float
) -> None:
    """It has the last word for the whole organization."""
    governor = Governor(quota, 0.0)
    for until in untils:
        governor.throttled(until)
    assert governor.due(now, 2) >= max(untils)


@given(QUOTAS, st.floats(0, 1), st.floats(0, 1))
def test_a_share_never_grants_more_than_the_whole(
    quota: Quota, before: float, after: float
) -> None:
    """Partitions come and go; the quota stays."""
    governor = Governor(quota, 0.0, Share(before))
    governor.set_share(0.0, Share(after))
    times = sent_at(governor, [0.0] * 200, 0.0)
    assert most_within(times, QUOTA_WINDOW_SECONDS) <= quota.requests_per_window
