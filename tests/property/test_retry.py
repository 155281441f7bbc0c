"""Every answer has a meaning, and none is mistaken for acceptance."""

from __future__ import annotations

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.codes import ErrorCode
from consumer.coveo.decisions import TABLE, row_for
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    FileContainer,
    PushBatch,
    Response,
    Step,
    Upload,
)
from consumer.coveo.retry import classify, setback_of
from consumer.coveo.verdicts import Accept, Block, Opened, Refuse, Retry, Stored
from consumer.coveo.waiting import Backoff, retry_after_seconds
from consumer.domain.operations import TargetId

PUSH = PushBatch(TargetId("kb"), "f")
STEPS: tuple[Step, ...] = (
    CreateContainer(),
    Upload(FileContainer("f", "https://h.invalid/", {}), b""),
    PUSH,
)
CODES = [*ErrorCode, "NEW_CODE"]
BODIES = [b"", b"null", b"<html>", *(json.dumps({"errorCode": c}).encode() for c in CODES)]


def test_every_status_of_every_step_with_every_code_has_a_meaning() -> None:
    """All of them, not a sample; only 202 accepts, only the batch call is ambiguous."""
    for step, status, body in itertools.product(STEPS, range(100, 600), BODIES):
        verdict = classify(step, Response(status, {}, body, 0.0))
        if isinstance(verdict, Accept):
            assert (step, status) == (PUSH, 202)
        if isinstance(verdict, Stored):
            assert (step.endpoint, status) == (Endpoint.UPLOAD, 200)
        if isinstance(verdict, Refuse):
            assert status in {400, 413}
            assert step.endpoint is not Endpoint.FILES
        if isinstance(verdict, Retry):
            assert step is PUSH or not verdict.ambiguous
        if isinstance(verdict, Block):
            assert 400 <= status < 500
            assert status not in {408, 429}


def test_every_status_of_every_call_has_a_meaning() -> None:
    """Calls that are no step of an attempt are judged by the same table."""
    for endpoint, status, body in itertools.product(ROUTES, range(100, 600), BODIES[:4]):
        verdict = setback_of(endpoint, Response(status, {}, body, 0.0))
        if isinstance(verdict, Retry):
            assert ROUTES[endpoint].changes or not verdict.ambiguous
        elif isinstance(verdict, Refuse):
            assert status in {400, 413}
        else:
            assert 400 <= status < 500


def test_every_row_of_the_table_can_be_reached() -> None:
    """A row that an earlier one hides is a rule that does not hold."""
    reached = {
        id(row_for(endpoint, status, code))
        for endpoint in Endpoint
        for status in range(100, 600)
        for code in [None, *ErrorCode]
    }
    assert [row for row in TABLE if id(row) not in reached] == []


HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=40))


@given(st.sampled_from(STEPS), st.integers(0, 999), HEADERS, st.binary(max_size=200))
def test_garbage_has_a_meaning_too(
    step: Step, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Whatever stands between us and the service answers."""
    verdict = classify(step, Response(status, headers, body, 0.0))
    assert not isinstance(verdict, Opened)


@given(st.sampled_from(STEPS), st.sampled_from(FailureKind))
def test_no_answer_is_never_a_success(step: Step, kind: FailureKind) -> None:
    """Nor is it any record's fault."""
    verdict = classify(step, Failure(kind, "why", 0.0))
    assert isinstance(verdict, Retry | Block)


@given(HEADERS, st.floats(0, 1e6))
def test_a_wait_that_is_asked_for_is_within_bounds(headers: dict[str, str], cap: float) -> None:
    """Neither into the past nor for ever."""
    wait = retry_after_seconds(headers, cap)
    assert wait is None or 0 <= wait <= cap


@given(
    st.integers(1, 10_000),
    st.none() | st.floats(0, 86_400),
    st.floats(0, 1, exclude_max=True),
)
def test_back_off_is_within_bounds(attempt: int, asked: float | None, dice: float) -> None:
    """Never before Retry-After, never beyond the cap behind it."""
    wait = Backoff(lambda: dice).delay_seconds(attempt, asked)
    assert (asked or 0.0) <= wait <= (asked or 0.0) + 120.0
