"""When requests may go out."""

from __future__ import annotations

import math

import pytest

from consumer.coveo.pacing import Governor, Quota, Share

PRODUCTION = Quota(250, 15_000)


def spend_until_late(governor: Governor, now: float) -> int:
    """Return how many batches may go out at once."""
    batches = 0
    while governor.due(now, 2) <= now:
        governor.spend(now, 2)
        batches += 1
    return batches


def test_half_the_window_may_go_out_at_once() -> None:
    """The other half flows in during the window, so that no window has more than the quota."""
    governor = Governor(PRODUCTION, 0.0)
    assert spend_until_late(governor, 0.0) == 62
    assert governor.due(0.0, 2) == pytest.approx(1 / (125 / 300), abs=0.01)


def test_the_day_slows_down_but_never_stops() -> None:
    """A bulk load must not keep a permission change waiting until tomorrow."""
    governor = Governor(Quota(1_000_000, 15_000), 0.0)
    assert spend_until_late(governor, 0.0) == 1_500
    assert governor.due(0.0, 2) == pytest.approx(2 / (12_000 / 86_400), abs=0.01)


def test_a_start_late_in_the_day_has_only_the_rest_of_it() -> None:
    """What went out before is not known, and a restart must not make a new day."""
    governor = Governor(Quota(1_000_000, 15_000), 0.0, day_elapsed=0.75)
    assert spend_until_late(governor, 0.0) == 375


def test_throttling_has_the_last_word() -> None:
    """For the whole organization, and without a burst behind it."""
    governor = Governor(PRODUCTION, 0.0)
    governor.throttled(100.0)
    governor.throttled(50.0)
    assert governor.due(0.0, 2) == pytest.approx(104.8, abs=0.01)
    assert governor.due(104.9, 2) == 104.9
    assert governor.headroom(0.0).throttled_until == 100.0


def test_the_rate_is_what_both_quotas_grant_for_long_and_nothing_while_throttled() -> None:
    """Bursts end; an operator wants to know what a backlog is worked off with."""
    assert Governor(Quota(250, 15_000), 0.0).rate_per_second(0.0) == 12_000 / 86_400
    assert Governor(Quota(250, 150_000), 0.0).rate_per_second(0.0) == 125 / 300
    governor = Governor(PRODUCTION, 0.0, Share(0.5))
    assert governor.rate_per_second(0.0) == 6_000 / 86_400
    governor.throttled(100.0)
    assert governor.rate_per_second(99.9) == 0.0
    assert governor.rate_per_second(100.0) == 6_000 / 86_400


def test_an_overdraft_is_paid_back() -> None:
    """An attempt may need more calls than were granted: a container that had to be rebuilt."""
    governor = Governor(PRODUCTION, 0.0)
    governor.spend(0.0, 135)
    assert governor.due(0.0, 2) == pytest.approx(12 / (125 / 300), abs=0.01)


def test_a_share_is_part_of_both_quotas() -> None:
    """Replicas share the organization's quota without talking to each other."""
    governor = Governor(PRODUCTION, 0.0, Share(0.1))
    assert governor.headroom(0.0).window_requests == pytest.approx(12.5)
    assert governor.headroom(0.0).day_requests == pytest.approx(300.0)
    governor.set_share(0.0, Share(1.0))
    assert governor.headroom(0.0).window_requests == pytest.approx(12.5)
    assert governor.headroom(3_600.0).window_requests == pytest.approx(125.0)


def test_the_smallest_share_still_sends_a_batch_per_linger() -> None:
    """A member with one of a thousand partitions must not stand still."""
    governor = Governor(PRODUCTION, 0.0, Share(0.0001, floor_seconds=30.0))
    governor.spend(0.0, 2)
    assert governor.due(0.0, 2) == pytest.approx(30.0, abs=0.01)


def test_what_the_quota_never_grants_is_never_due() -> None:
    """Better said than waited for."""
    assert math.isinf(Governor(Quota(10, 100), 0.0).due(0.0, 6))


@pytest.mark.parametrize("quota", [Quota(2, 15_000), Quota(250, 2), Quota(3, 3), Quota(1, 1)])
def test_a_batch_is_always_due_some_time(quota: Quota) -> None:
    """However small the quota: what is never due would wait for ever, and nobody would see it."""
    governor = Governor(quota, 0.0)
    for _ in range(3):
        now = governor.due(0.0)
        assert math.isfinite(now)
        governor.spend(now)
    governor.throttled(1e6)
    assert math.isfinite(governor.due(0.0))


def test_time_that_stands_still_gives_nothing() -> None:
    """Nor does time that goes back."""
    governor = Governor(PRODUCTION, 100.0)
    spend_until_late(governor, 100.0)
    assert governor.due(50.0, 2) > 100.0
