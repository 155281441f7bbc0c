"""What each answer means, row by row."""

from __future__ import annotations

import pytest

from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import (
    NEVER_SENT,
    CreateContainer,
    Failure,
    FailureKind,
    PushBatch,
    PushDelete,
    PushItem,
    Response,
    Step,
    Upload,
)
from consumer.coveo.retry import classify, setback_of
from consumer.coveo.verdicts import Accept, Block, Opened, Reason, Refuse, Retry, Stored
from consumer.domain.operations import DocumentId
from tests.unit.coveo.builders import CONTAINER, CONTAINER_JSON, KB, answer, error

FILES = CreateContainer()
UPLOAD = Upload(CONTAINER, b"body")
PUSH = PushBatch(KB, "file-1")
ONE = PushItem(KB, DocumentId("kb://a"), b"{}")
GONE = PushDelete(KB, DocumentId("kb://a"), children=False)


def test_each_step_has_its_one_success() -> None:
    """The documented statuses, and nothing that looks like them."""
    assert classify(FILES, answer(201, CONTAINER_JSON)) == Opened(CONTAINER)
    assert classify(FILES, answer(200, CONTAINER_JSON)) == Opened(CONTAINER)
    assert classify(UPLOAD, answer(200)) == Stored()
    assert classify(PUSH, answer(202, b"null")) == Accept()
    assert classify(PUSH, answer(202)) == Accept()
    assert classify(ONE, answer(202, b"null")) == Accept()
    assert classify(GONE, answer(202)) == Accept()


@pytest.mark.parametrize(
    ("step", "reply", "reason", "ambiguous"),
    [
        (FILES, error(429, "TOO_MANY_REQUESTS"), Reason.THROTTLED, False),
        (PUSH, error(429, "TOO_MANY_REQUESTS"), Reason.THROTTLED, False),
        (FILES, answer(503), Reason.UNAVAILABLE, False),
        (PUSH, answer(408), Reason.UNAVAILABLE, True),
        (PUSH, answer(504, b'{"message":"x"}'), Reason.UNAVAILABLE, True),
        (UPLOAD, answer(503), Reason.STORAGE_UNAVAILABLE, False),
        (UPLOAD, answer(429), Reason.STORAGE_UNAVAILABLE, False),
        (UPLOAD, answer(403), Reason.UPLOAD_REFUSED, False),
        (UPLOAD, answer(400), Reason.UPLOAD_REFUSED, False),
        (PUSH, error(412, "INVALID_PARAMETER"), Reason.FILE_UNKNOWN, True),
        (FILES, answer(201, b"null"), Reason.UNEXPECTED_ANSWER, False),
        (FILES, answer(202, CONTAINER_JSON), Reason.UNEXPECTED_ANSWER, False),
        (UPLOAD, answer(204), Reason.UNEXPECTED_ANSWER, False),
        (PUSH, answer(200), Reason.UNEXPECTED_ANSWER, True),
        (PUSH, answer(302), Reason.UNEXPECTED_ANSWER, True),
        (ONE, error(429, "TOO_MANY_REQUESTS"), Reason.THROTTLED, False),
        (ONE, answer(503), Reason.UNAVAILABLE, True),
        (GONE, answer(200), Reason.UNEXPECTED_ANSWER, True),
    ],
)
def test_what_passes_is_tried_again(
    step: Step,
    reply: Response,
    reason: Reason,
    ambiguous: bool,  # noqa: FBT001
) -> None:
    """Only an answer to the batch call can leave it open whether the batch was taken."""
    verdict = classify(step, reply)
    assert isinstance(verdict, Retry)
    assert (verdict.reason, verdict.ambiguous) == (reason, ambiguous)


@pytest.mark.parametrize(
    ("step", "reply", "reason"),
    [
        (PUSH, error(400, "INVALID_JSON"), Reason.INVALID_BATCH),
        (PUSH, error(400, "SOMETHING_NEW"), Reason.INVALID_BATCH),
        (PUSH, answer(413), Reason.TOO_LARGE),
        (UPLOAD, answer(413), Reason.TOO_LARGE),
        (UPLOAD, answer(400, b"<Error><Code>EntityTooLarge</Code></Error>"), Reason.TOO_LARGE),
        (ONE, error(400, "INVALID_JSON"), Reason.INVALID_BATCH),
        (ONE, answer(413), Reason.TOO_LARGE),
        (ONE, error(412, "INVALID_PARAMETER"), Reason.INVALID_BATCH),
        (GONE, error(400, "INVALID_PARAMETER"), Reason.INVALID_BATCH),
        (GONE, error(412, "INVALID_PARAMETER"), Reason.INVALID_BATCH),
    ],
)
def test_what_is_about_the_body_is_refused(step: Step, reply: Response, reason: Reason) -> None:
    """In halves it may pass; the lane splits it."""
    verdict = classify(step, reply)
    assert isinstance(verdict, Refuse)
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("step", "reply", "reason"),
    [
        (FILES, error(401, "INVALID_TOKEN"), Reason.UNAUTHORIZED),
        (PUSH, error(403, "ACCESS_DENIED"), Reason.FORBIDDEN),
        (FILES, error(404, "ORGANIZATION_NOT_FOUND"), Reason.NOT_FOUND),
        (FILES, error(400, "ORGANIZATION_IS_PAUSED"), Reason.ORGANIZATION_PAUSED),
        (PUSH, error(400, "ORGANIZATION_IS_PAUSED"), Reason.ORGANIZATION_PAUSED),
        (PUSH, error(412, "SOURCE_DOES_NOT_EXIST"), Reason.SOURCE_DOES_NOT_EXIST),
        (PUSH, error(412, "DOCUMENT_LIMIT_EXCEEDED"), Reason.ITEM_LIMIT),
        (PUSH, error(412, "MISSING_PARAMETER"), Reason.REQUEST_REFUSED),
        (FILES, error(400, "INVALID_JSON"), Reason.REQUEST_REFUSED),
        (FILES, answer(413), Reason.REQUEST_REFUSED),
        (PUSH, answer(415), Reason.REQUEST_REFUSED),
        (GONE, error(412, "MISSING_PARAMETER"), Reason.REQUEST_REFUSED),
        (ONE, error(412, "DOCUMENT_LIMIT_EXCEEDED"), Reason.ITEM_LIMIT),
        (GONE, answer(414), Reason.REQUEST_REFUSED),
    ],
)
def test_what_somebody_must_mend_blocks(step: Step, reply: Response, reason: Reason) -> None:
    """No record is at fault, so none is set aside."""
    verdict = classify(step, reply)
    assert isinstance(verdict, Block)
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, "AccessDenied", Reason.UPLOAD_REFUSED),
        (403, "SignatureDoesNotMatch", Reason.UPLOAD_REFUSED),
        (403, "RequestTimeTooSkewed", Reason.UPLOAD_REFUSED),
        (400, "ExpiredToken", Reason.UPLOAD_REFUSED),
        (400, "InvalidArgument", Reason.UPLOAD_REFUSED),
        (400, "RequestTimeout", Reason.STORAGE_UNAVAILABLE),
        (400, "IncompleteBody", Reason.STORAGE_UNAVAILABLE),
        (503, "SlowDown", Reason.STORAGE_UNAVAILABLE),
        (500, "InternalError", Reason.STORAGE_UNAVAILABLE),
        (503, "ServiceUnavailable", Reason.STORAGE_UNAVAILABLE),
        (400, "NewInTheStorage", Reason.UPLOAD_REFUSED),
    ],
)
def test_whatever_the_storage_refuses_is_tried_with_a_fresh_container(
    status: int, code: str, reason: Reason
) -> None:
    """Nothing took effect, and a fresh container has a fresh signature."""
    reply = answer(status, b"<Error><Code>%s</Code></Error>" % code.encode())
    verdict = classify(UPLOAD, reply)
    assert isinstance(verdict, Retry)
    assert (verdict.reason, verdict.ambiguous) == (reason, False)


@pytest.mark.parametrize(
    ("endpoint", "privilege"),
    [
        (Endpoint.BATCH, "Sources - Edit on this source"),
        (Endpoint.IDENTITY_BATCH, "Security identities - Edit and Organization - View"),
        (Endpoint.LOGS, "Organization - View and Sources - View all"),
    ],
)
def test_a_lacking_privilege_is_named(endpoint: Endpoint, privilege: str) -> None:
    """Each part of the interface needs another one."""
    verdict = setback_of(endpoint, error(403, "ACCESS_DENIED"))
    assert isinstance(verdict, Block)
    assert verdict.message.endswith(f"the API key lacks a privilege: it needs {privilege}")


@pytest.mark.parametrize(
    ("endpoint", "reply", "verdict"),
    [
        (Endpoint.ITEM, error(400, "INVALID_JSON"), Refuse),
        (Endpoint.IDENTITY, answer(413), Refuse),
        (Endpoint.STREAM_UPDATE, error(400, "INVALID_JSON"), Refuse),
        (Endpoint.LOGS, error(400, "INVALID_PARAMETER"), Block),
        (Endpoint.ITEMS_OLDER, error(412, "INVALID_PARAMETER"), Block),
        (Endpoint.STREAM_MERGE, error(412, "INVALID_PARAMETER"), Retry),
        (Endpoint.SOURCE, answer(404), Block),
        (Endpoint.LIMITS, answer(503), Retry),
        (Endpoint.ENTITIES, error(429, "TOO_MANY_REQUESTS"), Retry),
    ],
)
def test_other_calls_are_judged_by_the_same_table(
    endpoint: Endpoint, reply: Response, verdict: type[Refuse | Block | Retry]
) -> None:
    """What brings a body can be refused for it; what only asks cannot."""
    assert isinstance(setback_of(endpoint, reply), verdict)


@pytest.mark.parametrize("endpoint", Endpoint)
def test_a_lost_answer_is_ambiguous_where_something_may_have_changed(endpoint: Endpoint) -> None:
    """A purge that is repeated has another boundary; a question that is repeated is one."""
    verdicts = (
        setback_of(endpoint, Failure(FailureKind.READ, "ReadTimeout", 1.0)),
        setback_of(endpoint, answer(504)),
    )
    for verdict in verdicts:
        assert isinstance(verdict, Retry)
        assert verdict.ambiguous is ROUTES[endpoint].changes


def test_a_400_that_is_not_the_services_own_sets_no_record_aside() -> None:
    """The service's refusals carry a code; a proxy that answers 400 never saw the body."""
    verdict = classify(PUSH, answer(400, b"<html>Bad Request</html>"))
    assert isinstance(verdict, Block)


@pytest.mark.parametrize("kind", FailureKind)
def test_a_batch_call_without_an_answer_is_ambiguous_unless_it_never_left(
    kind: FailureKind,
) -> None:
    """Nothing else can tell a batch that was taken from one that was not."""
    verdict = classify(PUSH, Failure(kind, "why", 1.0))
    if kind is FailureKind.CREDENTIALS:
        assert isinstance(verdict, Block)
        return
    assert isinstance(verdict, Retry)
    assert verdict.ambiguous is (kind not in NEVER_SENT)
    earlier = classify(UPLOAD, Failure(kind, "why", 1.0))
    assert isinstance(earlier, Retry)
    assert not earlier.ambiguous


def test_retry_after_is_obeyed_and_capped() -> None:
    """The service has the last word, but not for ever."""
    asked = classify(FILES, error(429, "TOO_MANY_REQUESTS", retry_after="17"))
    assert isinstance(asked, Retry)
    assert asked.retry_after_seconds == 17.0
    absurd = classify(FILES, error(429, "TOO_MANY_REQUESTS", retry_after="99999999999"))
    assert isinstance(absurd, Retry)
    assert absurd.retry_after_seconds == 86_400.0


@pytest.mark.parametrize("status", [408, 500, 503, 302])
def test_a_passing_trouble_never_asks_for_more_than_a_quarter_of_an_hour(status: int) -> None:
    """The wait holds for the organization: a page of a proxy must not stop it for a day."""
    absurd = classify(PUSH, answer(status, retry_after="86400"))
    assert isinstance(absurd, Retry)
    assert absurd.retry_after_seconds == 900.0


def test_a_spent_day_waits_long_by_itself() -> None:
    """It is over in hours, not in seconds; without Retry-After an hour is a fair guess."""
    spent = classify(PUSH, error(429, "TOO_MANY_DOCUMENTS_DAILY"))
    assert isinstance(spent, Retry)
    assert (spent.reason, spent.retry_after_seconds) == (Reason.DAILY_QUOTA, 3_600.0)


def test_a_message_has_status_code_request_and_advice_but_not_the_services_text() -> None:
    """That text may quote what was sent."""
    reply = Response(
        412,
        {"x-request-id": "r-1"},
        b'{"errorCode":"SOURCE_DOES_NOT_EXIST","message":"secret"}',
        0.1,
    )
    verdict = classify(PUSH, reply)
    assert isinstance(verdict, Block)
    assert verdict.message == (
        "documents/batch: 412 SOURCE_DOES_NOT_EXIST (request r-1): the source id is wrong, or the "
        "source is not provisioned yet (some ten minutes)"
    )
