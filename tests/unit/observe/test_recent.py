"""The last calls to Coveo."""

from __future__ import annotations

import orjson

from consumer.domain.fates import Accepted, Attempt, Batch, Call
from consumer.domain.operations import TargetId
from consumer.domain.source_status import SourceStatus, StatusCall, StatusTold
from consumer.observe.recent import MOST, RecentCalls, hearing
from consumer.observe.status import status_document
from tests.unit.observe.watched import Watched


def call(number: int = 0) -> Call:
    """Return a call."""
    return Call("files", 201, 0.1, number, f"request-{number}", method="POST", path="/files")


def test_the_oldest_calls_go_first() -> None:
    """A program that runs for years must not grow by what it did."""
    calls = RecentCalls()
    for number in range(MOST + 7):
        calls.add(call(number))
    assert [each.sent_bytes for each in calls.all()] == [*range(7, MOST + 7)]


def test_calls_of_batches_of_statuses_and_of_no_batch_are_on_status() -> None:
    """A support case begins with their request ids, and a log may be gone."""
    watched = Watched()
    batch = Batch(1, TargetId("kb"), (), 1)
    watched.observer.batch_resolved(batch, Accepted(1, Attempt((call(1), call(2)), 9)))
    asked = StatusCall(TargetId("kb"), SourceStatus.IDLE)
    watched.observer.status_told(StatusTold(asked, call(3), None))
    hearing(watched.lines.append, watched.board.calls)(call(4))
    document = orjson.loads(orjson.dumps(status_document(watched.board, 60.0)))
    named = [each["request_id"] for each in document["calls"]]
    assert named == [f"request-{number}" for number in range(1, 5)]
    assert document["calls"][0]["path"] == "/files"
    assert watched.lines[-1].name == "call_made"
