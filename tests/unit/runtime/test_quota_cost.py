"""What a batch costs of the request quota."""

from __future__ import annotations

from consumer.domain.fates import Accepted, Attempt, Call
from consumer.pipeline.single import SingleCalls
from tests.fakes.pipeline import TP, record
from tests.fakes.runtime import Bench


def sent(*words: str, single_calls: SingleCalls | None = None) -> Bench:
    """Return a bench with one batch of these words on the wire."""
    bench = Bench(single_calls=single_calls)
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, *words))
    bench.turn(seconds=10.0)
    assert len(bench.workers.batches) == 1
    return bench


def calls(*endpoints: str) -> Attempt:
    """Return an attempt that made these calls."""
    return Attempt(tuple(Call(endpoint, 200, 0.1, 0) for endpoint in endpoints))


def test_a_batch_costs_two_requests_and_one_more_for_each_content_of_its_own() -> None:
    """They are spent when it goes, so that the other lanes wait for what is left."""
    assert sent("+a", "-b").governor.spent == 2
    assert sent("+a", "*b", "*c").governor.spent == 4


def test_a_container_that_was_made_again_is_spent_when_that_is_known() -> None:
    """The upload's host counts nothing."""
    bench = sent("*a")
    (batch,) = bench.workers.batches
    assert batch.operations[0].content == b"zipped"
    made = calls("files", "upload", "files", "upload", "files", "upload", "documents/batch")
    bench.workers.ready.append(Accepted(batch.batch_id, made))
    bench.turn()
    assert bench.governor.spent == 4


def test_a_single_call_costs_one_request() -> None:
    """That is what it is for."""
    bench = sent("+a", single_calls=SingleCalls(max_bytes=1_000, max_id_characters=100))
    (batch,) = bench.workers.batches
    assert (batch.single_call, bench.governor.spent) == (True, 1)
    bench.workers.ready.append(Accepted(batch.batch_id, calls("documents")))
    bench.turn()
    assert bench.governor.spent == 1
