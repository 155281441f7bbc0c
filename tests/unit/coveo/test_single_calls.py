"""One attempt that is one call: an operation that goes by itself, without a container."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.coveo.exchange import Failure, FailureKind, PushDelete, PushItem, Reply
from consumer.coveo.push import Steps, attempt
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Attempt,
    Batch,
    Blocked,
    Call,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.operations import DocumentId, OperationKind
from tests.unit.coveo.builders import KB, answer, batch, error, fence, operation, soon
from tests.unit.coveo.recorder import Recorder

ID = DocumentId("kb://a")
ONE = replace(batch(operation("a")), single_call=True)
GONE = replace(batch(operation("a", kind=OperationKind.DELETE)), single_call=True)


def outcome_of(steps: Steps, reply: Reply) -> Outcome:
    """Return what the first reply ends in."""
    next(steps)
    try:
        unexpected = steps.send(reply)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    raise AssertionError(unexpected)


def test_an_upsert_is_one_call_with_its_payload() -> None:
    """No container is asked for: that is the request it saves."""
    assert next(attempt(ONE, fence(p0=1))) == PushItem(KB, ID, b'{"documentId":"kb://a"}')
    outcome = outcome_of(attempt(ONE, fence(p0=1)), answer(202, b"null", x_request_id="r-1"))
    assert isinstance(outcome, Accepted)
    assert (outcome.batch_id, outcome.cut, outcome.attempt.body_bytes) == (7, frozenset(), 23)
    assert outcome.attempt.calls == (Call("documents", 202, 0.01, 23, "r-1"),)


@pytest.mark.parametrize("children", [False, True])
def test_a_delete_is_one_call_and_takes_along_what_it_says(children: bool) -> None:  # noqa: FBT001
    """Without a body nothing else would say that everything below the id goes, too."""
    tree = replace(GONE.operations[0], children=children)
    steps = attempt(replace(GONE, operations=(tree,)), fence(p0=1))
    assert next(steps) == PushDelete(KB, ID, children)
    outcome = outcome_of(attempt(GONE, fence(p0=1)), answer(202))
    assert isinstance(outcome, Accepted)
    assert [(call.endpoint, call.sent_bytes) for call in outcome.attempt.calls] == [
        ("documents/delete", 0)
    ]


@pytest.mark.parametrize("one", [ONE, GONE])
def test_an_operation_of_a_lost_partition_is_not_called_for(one: Batch) -> None:
    """INV-3: its new owner may have sent something newer by now."""
    steps = attempt(one, fence(p0=2))
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == Abandoned(7, Attempt())


@pytest.mark.parametrize("one", [ONE, GONE])
def test_a_lost_answer_is_ambiguous(one: Batch) -> None:
    """The call may have been taken, or may yet be: its lane waits, as after a batch."""
    outcome = outcome_of(attempt(one, fence(p0=1)), Failure(FailureKind.READ, "time-out", 30.0))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    unsent = Failure(FailureKind.CONNECT, "refused", 0.1)
    outcome = outcome_of(attempt(one, fence(p0=1)), unsent)
    assert isinstance(outcome, RetryLater)
    assert not outcome.ambiguous


@pytest.mark.parametrize("one", [ONE, GONE])
def test_what_is_about_the_item_is_refused_and_what_is_not_is_waited_for(one: Batch) -> None:
    """The service reads a single item before it answers, so the culprit is known at once."""
    assert isinstance(outcome_of(attempt(one, fence(p0=1)), error(400, "INVALID_JSON")), Refused)
    assert isinstance(outcome_of(attempt(one, fence(p0=1)), error(401, "INVALID_TOKEN")), Blocked)
    throttled = error(429, "TOO_MANY_REQUESTS", retry_after="17")
    outcome = outcome_of(attempt(one, fence(p0=1)), throttled)
    assert isinstance(outcome, RetryLater)
    assert (outcome.retry_after_seconds, outcome.ambiguous) == (17.0, False)


def test_ids_travel_escaped_and_nothing_but_the_documented_parameters_is_sent() -> None:
    """The ordering id is the service's own, always."""
    recorder = Recorder(202)
    odd = DocumentId("kb://a?x=1&y=a+b#z%20")
    client = recorder.client()
    client.perform(PushItem(KB, odd, b"{}"), soon())
    client.perform(PushDelete(KB, odd, children=True), soon())
    push, delete = recorder.requests
    escaped = "kb%3A%2F%2Fa%3Fx%3D1%26y%3Da%2Bb%23z%2520"
    assert push.url.query.decode() == f"documentId={escaped}&compressionType=ZLIB"
    assert delete.url.query.decode() == f"documentId={escaped}&deleteChildren=true"
    assert (push.method, push.content, delete.method, delete.content) == (
        "PUT", b"{}", "DELETE", b"",
    )  # fmt: skip


def test_a_single_call_shows_neither_id_nor_body() -> None:
    """It may end up in a traceback."""
    shown = f"{PushItem(KB, ID, b'body')} {PushDelete(KB, ID, children=False)}"
    assert ("kb://a" in shown, "body" in shown) == (False, False)
