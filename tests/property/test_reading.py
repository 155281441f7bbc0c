"""Whatever stands in Coveo's place says: it is read without an exception, or it is garbled."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.accounts import call_of
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import Failure, FailureKind, Response, code_of
from consumer.coveo.purge import purge_boundary
from consumer.coveo.results import Declined, Done, Garbled
from consumer.coveo.retry import setback_of
from consumer.coveo.service_time import service_time
from consumer.coveo.verdicts import Block, Refuse, Retry
from tests.unit.coveo.recorder import Recorder
from tests.unit.coveo.test_api import CALLS

KEYS = st.sampled_from(
    [
        "items", "documentLogEntries", "hasNextPage", "id", "name", "data", "type", "state",
        "infos", "key", "value", "meta", "datetime", "operation", "fileId", "uploadUri", "streamId",
        "requiredHeaders", "orderingId", "requestId", "limit", "actualCount", "information",
        "sourceStatus", "numberOfDocuments", "securityProviderReferences", "referencedBy",
        "cascadingSecurityProviders", "approved", "errorCode", "operations", "totalEntries",
    ]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
DEEP = [b"[" * 100_000, b'{"meta":' * 900 + b"1" + b"}" * 900]


@given(st.sampled_from(Endpoint), BODIES)
def test_any_body_of_any_endpoint_is_read_or_garbled(endpoint: Endpoint, body: bytes) -> None:
    """The answers of the last link before the index are as untrusted as any others."""
    status = min(ROUTES[endpoint].successes)
    call, _, _ = CALLS[endpoint]
    assert isinstance(call(Recorder(status, body).client()), Done | Garbled)


def test_nested_bodies_are_no_exception() -> None:
    """A parser that recurses would end the process."""
    for endpoint in Endpoint:
        for body in DEEP:
            result = CALLS[endpoint][0](Recorder(min(ROUTES[endpoint].successes), body).client())
            assert isinstance(result, Done | Garbled)
    entry = b'{"documentLogEntries":[{"id":"a","meta":{"x":' + b"[" * 400 + b"]" * 400 + b"}}]}"
    assert isinstance(CALLS[Endpoint.LOGS][0](Recorder(200, entry).client()), Done)


@given(st.sampled_from(Endpoint), st.integers(100, 599), BODIES)
def test_any_answer_to_any_call_has_a_meaning(endpoint: Endpoint, status: int, body: bytes) -> None:
    """And only what may have changed something is ambiguous."""
    response = Response(status, {}, body, 0.0)
    if status in ROUTES[endpoint].successes:
        return
    assert code_of(response) is None or isinstance(code_of(response), ErrorCode)
    verdict = setback_of(endpoint, response)
    assert isinstance(verdict, Retry | Refuse | Block)
    if isinstance(verdict, Retry):
        assert ROUTES[endpoint].changes or not verdict.ambiguous
    assert call_of(endpoint, response).code == status


@given(st.sampled_from(Endpoint), st.sampled_from(FailureKind))
def test_no_answer_to_any_call_has_a_meaning(endpoint: Endpoint, kind: FailureKind) -> None:
    """It is nobody's data's fault."""
    failure = Failure(kind, "why", 0.0)
    assert isinstance(setback_of(endpoint, failure), Retry | Block)
    assert call_of(endpoint, failure).error_code == kind


@given(st.sampled_from(Endpoint), st.integers(100, 599))
def test_what_is_no_success_is_declined(endpoint: Endpoint, status: int) -> None:
    """Acceptance is never guessed."""
    if status in ROUTES[endpoint].successes or status < 200:
        return
    call, _, _ = CALLS[endpoint]
    assert isinstance(call(Recorder(status, b"{}").client()), Declined)


@given(st.text(max_size=40) | st.datetimes().map(str), st.floats(-1e6, 1e6))
def test_no_date_makes_a_boundary_in_the_future(date: str, margin_seconds: float) -> None:
    """A boundary lies before the moment that the service named, or there is none."""
    now = service_time({"date": date})
    if now is not None:
        assert 0 <= purge_boundary(now, margin_seconds) < now
