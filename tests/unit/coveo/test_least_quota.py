"""The smallest quotas that a configuration may set, held against the governor."""

from __future__ import annotations

import pytest

from consumer.config.quotas import LEAST_BURST, LEAST_DAILY
from consumer.coveo.limits import DAY_SECONDS, QUOTA_WINDOW_SECONDS
from consumer.coveo.pacing import Governor, Quota


@pytest.mark.parametrize(
    ("quota", "seconds"),
    [
        (Quota(LEAST_BURST, 10**9), QUOTA_WINDOW_SECONDS),
        (Quota(10**9, LEAST_DAILY), DAY_SECONDS),
    ],
)
def test_the_least_quota_lets_a_batch_go_in_every_window(quota: Quota, seconds: float) -> None:
    """With less the part that may go at once is smaller than a batch."""
    governor, now = Governor(quota, 0.0), 0.0
    for _ in range(5):
        due = governor.due(now)
        assert due - now <= seconds
        governor.spend(due)
        now = due
