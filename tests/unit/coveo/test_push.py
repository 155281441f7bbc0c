"""One attempt, step by step."""

from __future__ import annotations

from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    PushBatch,
    Reply,
    Step,
    Upload,
)
from consumer.coveo.push import Steps, attempt, run_attempt
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Blocked,
    Broken,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.fence import Fence
from consumer.domain.records import TopicPartition
from consumer.http.deadline import Deadline
from tests.unit.coveo.builders import (
    CONTAINER,
    CONTAINER_JSON,
    KB,
    OTHER,
    answer,
    batch,
    error,
    fence,
    operation,
    soon,
)

OPENED = answer(201, CONTAINER_JSON, x_request_id="r-1")
STORED = answer(200)
ACCEPTED = answer(202, b"null")
BOTH = batch(operation("a"), operation("b", OTHER))


def last(steps: Steps, reply: Reply) -> Outcome:
    """Return the outcome that the reply leads to."""
    try:
        unexpected = steps.send(reply)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    raise AssertionError(unexpected)


def upload(body: bytes) -> Step:
    """Return the upload of a body."""
    return Upload(CONTAINER, body)


def test_three_steps_make_a_batch_accepted() -> None:
    """The whole way, literally."""
    steps = attempt(BOTH, fence(p0=1, p1=1))
    assert next(steps) == CreateContainer()
    body = b'{"addOrUpdate":[{"documentId":"kb://a"},{"documentId":"kb://b"}],"delete":[]}'
    assert steps.send(OPENED) == upload(body)
    assert steps.send(STORED) == PushBatch(KB, "file-1")
    outcome = last(steps, ACCEPTED)
    assert isinstance(outcome, Accepted)
    assert (outcome.batch_id, outcome.cut) == (7, frozenset())
    assert outcome.attempt.body_bytes == len(body)
    assert [(c.endpoint, c.code, c.sent_bytes) for c in outcome.attempt.calls] == [
        ("files", 201, 0),
        ("upload", 200, len(body)),
        ("documents/batch", 202, 0),
    ]
    assert outcome.attempt.calls[0].request_id == "r-1"


def test_operations_of_lost_partitions_are_cut_before_the_body_is_built() -> None:
    """INV-3: their new owner may have sent something newer by now."""
    steps = attempt(BOTH, fence(p0=2, p1=1))
    next(steps)
    assert steps.send(OPENED) == upload(b'{"addOrUpdate":[{"documentId":"kb://b"}],"delete":[]}')
    steps.send(STORED)
    outcome = last(steps, ACCEPTED)
    assert isinstance(outcome, Accepted)
    assert outcome.cut == {0}


def test_a_loss_right_before_the_batch_call_rebuilds_the_container() -> None:
    """INV-3: the uploaded container holds an operation that is no longer ours to send."""
    guard = fence(p0=1, p1=1)
    steps = attempt(BOTH, guard)
    next(steps)
    steps.send(OPENED)
    guard.publish({TopicPartition("articles", 0): 1})
    assert steps.send(STORED) == CreateContainer()
    assert steps.send(OPENED) == upload(b'{"addOrUpdate":[{"documentId":"kb://a"}],"delete":[]}')
    assert steps.send(STORED) == PushBatch(KB, "file-1")
    outcome = last(steps, ACCEPTED)
    assert isinstance(outcome, Accepted)
    assert outcome.cut == {1}
    assert len(outcome.attempt.calls) == 5


def test_a_partition_that_comes_back_is_not_sent_for_its_old_epoch() -> None:
    """Its records are read again from the committed offset."""
    guard = fence(p0=1, p1=1)
    steps = attempt(BOTH, guard)
    next(steps)
    steps.send(OPENED)
    guard.publish({TopicPartition("articles", 0): 1, OTHER: 2})
    steps.send(STORED)
    steps.send(OPENED)
    steps.send(STORED)
    outcome = last(steps, ACCEPTED)
    assert isinstance(outcome, Accepted)
    assert outcome.cut == {1}


def test_nothing_left_is_abandoned_without_a_call() -> None:
    """Not even a container is asked for: requests are scarce."""

    class Unreachable:
        def perform(self, step: Step, deadline: Deadline) -> Reply:
            raise AssertionError(step, deadline)

    outcome = run_attempt(BOTH, Fence(), Unreachable(), soon())
    assert isinstance(outcome, Abandoned)
    assert outcome.attempt.calls == ()


def test_losing_everything_right_before_the_batch_call_abandons() -> None:
    """The container is left to expire."""
    guard = fence(p0=1, p1=1)
    steps = attempt(BOTH, guard)
    next(steps)
    steps.send(OPENED)
    guard.publish({})
    outcome = last(steps, STORED)
    assert isinstance(outcome, Abandoned)
    assert len(outcome.attempt.calls) == 2


def test_a_lost_answer_to_the_batch_call_is_ambiguous() -> None:
    """The batch may have been taken, or may yet be."""
    steps = attempt(BOTH, fence(p0=1, p1=1))
    next(steps)
    steps.send(OPENED)
    steps.send(STORED)
    outcome = last(steps, Failure(FailureKind.READ, "ReadTimeout", 30.0))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    assert outcome.message == "target kb: documents/batch: no answer, read: ReadTimeout"
    call = outcome.attempt.calls[-1]
    assert (call.code, call.error_code, call.seconds) == (None, "read", 30.0)


def test_a_failed_upload_is_not_pushed() -> None:
    """The batch call would consume an empty container."""
    steps = attempt(BOTH, fence(p0=1, p1=1))
    next(steps)
    steps.send(OPENED)
    outcome = last(steps, answer(403))
    assert isinstance(outcome, RetryLater)
    assert not outcome.ambiguous


def test_each_kind_of_setback_has_its_outcome() -> None:
    """Refused is split by the lane, Blocked waits for an operator."""
    steps = attempt(BOTH, fence(p0=1, p1=1))
    next(steps)
    assert isinstance(last(steps, error(401, "INVALID_TOKEN")), Blocked)
    steps = attempt(BOTH, fence(p0=1, p1=1))
    next(steps)
    steps.send(OPENED)
    refused = last(steps, answer(413))
    assert isinstance(refused, Refused)
    assert refused.reason == "too_large"


def test_a_bug_becomes_an_outcome_without_data() -> None:
    """A worker thread has nobody to raise to, and an exception's text may quote a value."""

    class Buggy:
        def perform(self, step: Step, deadline: Deadline) -> Reply:
            del step, deadline
            empty: dict[str, Reply] = {}
            return empty["secret value"]

    outcome = run_attempt(BOTH, fence(p0=1, p1=1), Buggy(), soon())
    assert isinstance(outcome, Broken)
    assert outcome.message.startswith("KeyError in ")
    assert "secret" not in outcome.message


def test_steps_show_neither_signature_nor_body() -> None:
    """They may end up in a traceback or a debug line."""
    shown = repr(Upload(CONTAINER, b"body"))
    assert "s3cret" not in shown
    assert "body" not in shown
