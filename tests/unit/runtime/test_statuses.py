"""What the loop says of its sources, and that nothing depends on it."""

from __future__ import annotations

from consumer.domain.source_status import SourceStatus
from consumer.runtime.statuses import CLOSING_SECONDS
from tests.fakes.pipeline import TARGET, TP, record
from tests.fakes.runtime import Bench

QUIET = 900.0


def at_work(*, answering: bool = True) -> Bench:
    """Return a loop that has just sent its first batch."""
    bench = Bench(quiet_seconds=QUIET)
    bench.status_calls.answering = answering
    _send(bench)
    return bench


def _send(bench: Bench) -> None:
    bench.assign(TP)
    bench.turn(record(0, "+a"))
    bench.turn()
    bench.turn(seconds=60.0)
    assert bench.workers.batches


def said(bench: Bench) -> list[str]:
    """Return the statuses that were said, in order."""
    return [call.status for call in bench.status_calls.said]


def test_a_set_of_updates_is_one_activity() -> None:
    """INCREMENTAL with the first batch, IDLE once it has been quiet, each for one request."""
    bench = at_work()
    bench.workers.accept_last()
    for _ in range(3):
        bench.turn(seconds=1.0)
    assert said(bench) == [SourceStatus.INCREMENTAL]
    bench.turn(seconds=QUIET)
    bench.turn()
    assert said(bench) == [SourceStatus.INCREMENTAL, SourceStatus.IDLE]
    assert bench.governor.spent == 2 + 2
    assert f"told {TARGET} IDLE" in bench.observer.events


def test_nothing_is_said_while_the_quota_has_no_request_to_spare() -> None:
    """Items come first."""
    bench = Bench(quiet_seconds=QUIET)
    bench.governor.until = 100_000.0
    bench.assign(TP)
    bench.turn(seconds=QUIET)
    assert said(bench) == []


def test_retry_after_of_a_status_holds_for_everything() -> None:
    """The quota is the organization's."""
    bench = at_work()
    bench.status_calls.error, bench.status_calls.retry_after_seconds = "429", 77.0
    bench.turn(seconds=QUIET)
    bench.turn()
    assert bench.governor.until == bench.clock.now + 77.0


def test_a_stop_closes_what_is_open() -> None:
    """Else the console shows an activity until the next start."""
    bench = at_work()
    bench.turn()
    bench.loop.close()
    assert said(bench) == [SourceStatus.INCREMENTAL, SourceStatus.IDLE]


def test_a_stop_waits_only_a_moment_for_an_answer() -> None:
    """A status is not worth a late shutdown."""
    bench = at_work(answering=False)
    began = bench.clock.now
    bench.loop.close()
    assert bench.clock.now - began == CLOSING_SECONDS


def test_without_the_setting_nothing_is_said() -> None:
    """Somebody else may be in charge of the status."""
    bench = Bench(quiet_seconds=None)
    _send(bench)
    bench.turn(seconds=QUIET)
    bench.loop.close()
    assert said(bench) == []
