"""Lines of the log about single calls: what a support case is made of, and no data."""

from __future__ import annotations

from collections.abc import Sequence

from consumer.coveo.accounts import call_of
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Asked, Failure, FailureKind, Response
from consumer.domain.fates import Accepted, Attempt
from consumer.observe import events
from consumer.observe.events import Level
from tests.unit.observe.test_observer import batch

HEADERS = {"date": "Tue, 24 Nov 2026 12:00:00 GMT", "x-amzn-requestid": "r-1"}
PATH = "/push/v1/organizations/acme/sources/src/documents/batch"
ASKED = Asked("PUT", PATH, 1_795_521_599_876, 0, "f-1")
CALL = call_of(Endpoint.BATCH, Response(202, HEADERS, b"null", 0.1234, ASKED))


def test_a_call_s_account_has_what_support_asks_for() -> None:
    """Spelled out once: these are the fields that a case is opened with."""
    line = events.call_made(CALL)
    assert (line.name, line.level) == ("call_made", Level.INFO)
    assert line.fields == {
        "endpoint": "documents/batch",
        "code": 202,
        "seconds": 0.123,
        "sent_bytes": 0,
        "request_id": "r-1",
        "at": "2026-11-24T11:59:59.876Z",
        "method": "PUT",
        "path": PATH,
        "file_id": "f-1",
        "service_date": "Tue, 24 Nov 2026 12:00:00 GMT",
    }


def test_the_calls_of_a_batch_have_the_same_account() -> None:
    """In the batch's line, beside its offsets and counts."""
    line = events.batch_resolved(batch(), Accepted(7, Attempt((CALL,))))
    calls = line.fields["calls"]
    assert isinstance(calls, Sequence)
    assert calls[0] == events.call_made(CALL).fields


def test_a_call_without_an_answer_says_how_it_failed() -> None:
    """There is no code then, and when it began matters all the more."""
    failure = Failure(FailureKind.READ, "ReadTimeout", 30.0, ASKED)
    fields = events.call_made(call_of(Endpoint.BATCH, failure)).fields
    assert fields["error_code"] == "read"
    assert fields["at"] == "2026-11-24T11:59:59.876Z"
    assert "code" not in fields
