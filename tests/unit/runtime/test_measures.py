"""What the loop measures and passes on, because the pipeline has no clock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from consumer.domain.records import Record
from consumer.pipeline.contract import Translation
from tests.fakes.clock import ManualClock
from tests.fakes.pipeline import TP, FakeTranslator, record
from tests.fakes.runtime import Bench


@dataclass(slots=True)
class SlowTranslator(FakeTranslator):
    """Takes 2 s for each record."""

    clock: ManualClock | None = None

    def translate(self, record: Record) -> Translation:
        """Let time pass."""
        assert self.clock is not None
        self.clock.now += 2.0
        return FakeTranslator.translate(self, record)


def test_taking_records_in_is_timed_once_a_turn() -> None:
    """A look at the clock for each record would cost more than it tells."""
    translator = SlowTranslator()
    bench = Bench(translator)
    translator.clock = bench.clock
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0), record(1), record(2), seconds=50.0)
    assert bench.observer.taking_in_seconds == [0.0, 0.0, 6.0]
    bench.loop.start_draining()
    bench.turn()
    assert bench.observer.taking_in_seconds[-1] == 0.0


def test_the_picture_has_both_watermarks_of_what_is_owned() -> None:
    """Where one was heard; a sentinel would look like an offset."""
    bench = Bench()
    bench.assign(TP)
    assert bench.loop.status().partitions[0].low_watermark is None
    bench.source.low, bench.source.high = {TP: 5}, {TP: 9}
    (picture,) = bench.loop.status().partitions
    assert (picture.low_watermark, picture.high_watermark) == (5, 9)


@pytest.mark.parametrize(("throttled", "rate"), [(False, 1.0), (True, 0.0)])
def test_the_picture_has_the_rate_that_the_quota_allows_now(
    *, throttled: bool, rate: float
) -> None:
    """While Coveo wants nothing, nothing is allowed."""
    bench = Bench()
    if throttled:
        bench.governor.throttled(bench.clock.now + 1)
    assert bench.loop.status().quota_rate_per_second == rate


def test_the_picture_has_the_tries_to_write_a_letter_that_failed() -> None:
    """The trouble of the moment goes away when one succeeds; that others failed does not."""
    bench = Bench()
    bench.letters.failed = 3
    assert bench.loop.status().dead_letter_failures == 3
