"""From the first turn to the last."""

from __future__ import annotations

import pytest

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.errors import ConfigError, FatalError
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.records import Offset
from consumer.runtime.lifecycle import StopRequest, run
from tests.fakes.pipeline import TP, record
from tests.fakes.runtime import Bench


def stop_after(bench: Bench, stop: StopRequest, turns: int) -> None:
    """Ask for the stop from inside a later poll, as a signal would arrive."""

    def poll() -> None:
        nonlocal turns
        turns -= 1
        bench.clock.now += 1.0
        if turns == 0:
            stop.requested = True
        bench.source.during_poll = poll

    bench.source.during_poll = poll


def taking_one_record(bench: Bench) -> None:
    """Assign a partition, take one record in."""
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "+a"))
    bench.source.on_close = lambda: bench.loop.on_revoked([TP])


def test_a_stop_drains_commits_and_leaves() -> None:
    """SIGTERM loses nothing, and the next owner need not wait."""
    bench, stop = Bench(), StopRequest()
    taking_one_record(bench)
    stop_after(bench, stop, turns=3)
    bench.workers.while_waiting = bench.workers.accept_last
    run(bench.loop, stop, bench.clock, drain_seconds=5.0)
    assert bench.checkpoint.last == [{TP: CommitPoint(Offset(1), Tenure.CLEAN)}]
    assert [e for e in bench.observer.events if e in {"running", "draining", "stopped"}] == [
        "running",
        "draining",
        "stopped",
    ]


def test_a_drain_that_cannot_end_is_given_up_at_its_deadline() -> None:
    """A target that is down must not keep the pod until it is killed."""
    bench, stop = Bench(), StopRequest()
    taking_one_record(bench)
    stop_after(bench, stop, turns=3)
    began = bench.clock.now
    run(bench.loop, stop, bench.clock, drain_seconds=5.0)
    assert bench.checkpoint.last == [{TP: CommitPoint(Offset(0), Tenure.OPEN)}]
    assert bench.clock.now - began < 40.0


def test_somebody_s_mistake_stops_the_program_after_what_is_settled_is_committed() -> None:
    """Kafka forgot the commits with the topic: this one says which was read, and stops the next."""
    bench, stop = Bench(), StopRequest()
    taking_one_record(bench)
    bench.turn(record(1))
    found = Hazard(HazardKind.TOPIC_CREATED_ANEW, "articles", "articles", "another", holds=True)
    bench.source.found, bench.source.error = [found], ConfigError("another topic")
    with pytest.raises(ConfigError, match="another topic"):
        run(bench.loop, stop, bench.clock, drain_seconds=5.0)
    assert bench.checkpoint.last == [{TP: CommitPoint(Offset(0), Tenure.CLEAN)}]
    assert bench.observer.events[-3:] == [
        "topic_created_anew articles",
        "revoked articles/0",
        "stopped",
    ]


def test_a_broken_invariant_stops_the_program_with_nothing_committed() -> None:
    """Whatever it would say could be wrong."""
    bench, stop = Bench(), StopRequest()
    taking_one_record(bench)
    bench.source.error = FatalError("a bug of ours")
    with pytest.raises(FatalError):
        run(bench.loop, stop, bench.clock, drain_seconds=5.0)
    assert bench.checkpoint.last == []
