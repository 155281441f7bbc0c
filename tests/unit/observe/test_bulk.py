"""Observations by the turn count like single ones."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.observe.bulk import BulkHistogram
from consumer.observe.catalogue import COMMIT_DURATION, STAGE_LATENCY

KB = ("kb", "request")
values_of_a_turn = st.lists(st.sampled_from(STAGE_LATENCY.buckets) | st.floats(-10, 1e6))


def counted(histogram: BulkHistogram) -> tuple[list[float], float]:
    """Return the cumulated buckets of the only series, and its sum."""
    (family,) = histogram.collect()
    buckets = [s.value for s in family.samples if s.name.endswith("_bucket")]
    (total,) = (s.value for s in family.samples if s.name.endswith("_sum"))
    return buckets, total


@given(st.lists(values_of_a_turn.filter(bool), min_size=1, max_size=4))
def test_they_fall_where_each_of_them_would_fall_alone(turns: list[list[float]]) -> None:
    """A bound belongs to its bucket; what a clock makes negative counts as nothing."""
    histogram, bounds = BulkHistogram(STAGE_LATENCY), STAGE_LATENCY.buckets
    alone = [0] * (len(bounds) + 1)
    for turn in turns:
        histogram.observe_all(KB, turn)
        for value in turn:
            alone[bisect_left(bounds, max(0.0, value))] += 1
    buckets, total = counted(histogram)
    assert buckets == list(accumulate(alone))
    assert total == pytest.approx(sum(max(0.0, value) for turn in turns for value in turn))


def test_one_value_counts_as_often_as_it_is_said() -> None:
    """All records of a batch share their request."""
    together, repeated = BulkHistogram(STAGE_LATENCY), BulkHistogram(STAGE_LATENCY)
    together.observe_all(KB, [2.5] * 7)
    repeated.observe_times(KB, 2.5, 7)
    repeated.observe_times(KB, 2.5, 0)
    assert counted(together) == counted(repeated)


def test_without_labels_there_is_a_series_from_the_start() -> None:
    """A rule on a rate must not wait for the first observation; labels are known only then."""
    (family,) = BulkHistogram(COMMIT_DURATION).collect()
    assert {sample.value for sample in family.samples} == {0}
    (family,) = BulkHistogram(STAGE_LATENCY).collect()
    assert family.samples == []
