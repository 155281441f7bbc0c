"""Worker threads: batches in, outcomes out, nothing lost on the way."""

from __future__ import annotations

import threading

from consumer.domain.fates import Accepted, Attempt, Batch, Broken, Outcome
from consumer.domain.operations import TargetId
from consumer.runtime.workers import WorkerThreads, broken_batch

_SECONDS = 10.0  # far more than a thread needs; only a hang gets this far


def batch(number: int) -> Batch:
    """Return an empty batch."""
    return Batch(number, TargetId("kb"), (), 1)


def collect(workers: WorkerThreads[Batch, Outcome], count: int) -> dict[int, Outcome]:
    """Wait for so many outcomes."""
    got: dict[int, Outcome] = {}
    while len(got) < count:
        arrived = workers.outcomes(_SECONDS)
        assert arrived, "a worker hangs"
        got.update({outcome.batch_id: outcome for outcome in arrived})
    return got


def test_every_batch_comes_back_as_one_outcome() -> None:
    """A batch without an outcome would hold its lane for ever."""

    def accept(given: Batch, _: float) -> Outcome:
        return Accepted(given.batch_id, Attempt())

    workers = WorkerThreads(accept, broken_batch, threads=3)
    for number in range(50):
        workers.submit(batch(number), 0.0)
    assert sorted(collect(workers, 50)) == list(range(50))
    assert workers.outcomes() == []


def test_an_unexpected_exception_is_an_outcome_without_its_message() -> None:
    """A dead thread would be silent, and a message may quote what was sent."""

    def broken(given: Batch, _: float) -> Outcome:
        quoted = f"secret of {given.batch_id}"
        raise KeyError(quoted)

    workers = WorkerThreads(broken, broken_batch, threads=1)
    workers.submit(batch(1), 0.0)
    outcome = collect(workers, 1)[1]
    assert isinstance(outcome, Broken)
    assert outcome.message == "KeyError in a push worker"


def test_a_slow_attempt_does_not_keep_another_lane_from_sending() -> None:
    """Lanes run side by side."""
    gate = threading.Event()

    def run(given: Batch, _: float) -> Outcome:
        if given.batch_id == 1:
            gate.wait(_SECONDS)
        return Accepted(given.batch_id, Attempt())

    workers = WorkerThreads(run, broken_batch, threads=2)
    workers.submit(batch(1), 0.0)
    workers.submit(batch(2), 0.0)
    assert list(collect(workers, 1)) == [2]
    gate.set()
    assert list(collect(workers, 1)) == [1]


def test_an_attempt_is_told_since_when_its_time_runs() -> None:
    """A process that stood still must not find a fresh deadline when it goes on."""
    told: list[float] = []

    def run(given: Batch, since: float) -> Outcome:
        told.append(since)
        return Accepted(given.batch_id, Attempt())

    workers = WorkerThreads(run, broken_batch, threads=1)
    workers.submit(batch(1), 41.5)
    collect(workers, 1)
    assert told == [41.5]
