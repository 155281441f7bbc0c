"""Whose latency it is: stages that add up to the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.operations import TargetId
from consumer.observe.latencies import Latencies, Origin, Stage
from consumer.observe.metrics import Metrics
from consumer.pipeline.tally import Passage
from tests.unit.observe.pictures import Time

KB = TargetId("kb")
seconds = st.integers(0, 100_000).map(lambda millis: millis / 1_000)


class Counted:
    """What is counted at monotonic 1,000 s, which is UTC 1,700,000,000 s."""

    def __init__(self, *passages: Passage) -> None:
        """Count."""
        self._registry = (metrics := Metrics()).registry
        Latencies(metrics, Time().clocks()).count(passages)

    def whole(self, origin: Origin, what: str = "sum") -> float | None:
        """Return the whole latency of an origin."""
        labels = {"target": "kb", "origin": origin.value}
        return self._registry.get_sample_value(f"cdc_end_to_end_latency_seconds_{what}", labels)

    def stage(self, stage: Stage, what: str = "sum") -> float | None:
        """Return the latency of a stage."""
        labels = {"target": "kb", "stage": stage.value}
        return self._registry.get_sample_value(f"cdc_stage_latency_seconds_{what}", labels)

    def skew(self) -> float | None:
        """Return how many changes came from the future."""
        return self._registry.get_sample_value("cdc_clock_skew_total")


def utc_ms(monotonic: float) -> int:
    """Return the UTC time of a monotonic one."""
    return round(1_700_000_000_000 + (monotonic - 1_000) * 1_000)


@given(seconds, seconds, seconds, seconds)
def test_the_stages_of_a_change_add_up_to_the_whole(
    to_log: float, to_consumer: float, to_request: float, request: float
) -> None:
    """Else some of the latency would be nobody's."""
    answered = 999.0
    sent = answered - request
    taken = sent - to_request
    logged = taken - to_consumer
    times = (utc_ms(logged - to_log), utc_ms(logged), taken)
    counted = Counted(Passage(KB, sent, answered, [times]))
    stages = [counted.stage(stage) for stage in Stage]
    assert stages == pytest.approx([to_log, to_consumer, to_request, request], abs=0.002)
    assert sum(s or 0.0 for s in stages) == pytest.approx(counted.whole(Origin.STREAM), abs=0.002)


def test_every_record_of_a_batch_counts_in_every_stage() -> None:
    """A batch of a thousand late changes is not one late change."""
    times = [(utc_ms(900 + n), utc_ms(950), 960.0) for n in range(5)]
    counted = Counted(Passage(KB, 970.0, 980.0, times[:3], times[3:]))
    assert [counted.stage(stage, "count") for stage in Stage] == [5] * 4
    assert counted.stage(Stage.REQUEST) == 50.0


def test_a_snapshot_s_rows_are_counted_apart() -> None:
    """They are as old as the snapshot, and would drown what a change takes."""
    counted = Counted(
        Passage(KB, 1.0, 999.0, stream=[(utc_ms(990.0), 0, 1.0)]),
        Passage(KB, 1.0, 999.0, snapshot=[(utc_ms(99.0), 0, 1.0)] * 2),
    )
    assert (counted.whole(Origin.STREAM), counted.whole(Origin.SNAPSHOT)) == (9.0, 1_800.0)
    assert counted.whole(Origin.SNAPSHOT, "count") == 2


def test_a_record_without_a_log_time_counts_where_it_needs_none() -> None:
    """A topic may have none; a guess would be an hour or fifty years wrong."""
    counted = Counted(Passage(KB, 995.0, 999.0, [(utc_ms(990.0), -1, 991.0)]))
    assert counted.stage(Stage.SOURCE_TO_LOG, "count") is None
    assert counted.stage(Stage.LOG_TO_CONSUMER, "count") is None
    assert counted.stage(Stage.CONSUMER_TO_REQUEST) == 4.0
    assert counted.whole(Origin.STREAM) == 9.0


def test_clocks_that_disagree_take_nothing_off_other_changes() -> None:
    """A negative latency would make the mean look better than it is."""
    late, early = (utc_ms(989.0), 0, 990.0), (utc_ms(1_500.0), 0, 990.0)
    counted = Counted(Passage(KB, 995.0, 999.0, [late, early]))
    assert (counted.whole(Origin.STREAM), counted.whole(Origin.STREAM, "count")) == (10.0, 2)
    assert counted.skew() == 1
