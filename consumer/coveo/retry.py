"""What an answer, or the lack of one, means for the attempt. Pure. Imports the domain only.

Success is only ever the documented status: an unknown one is not taken for acceptance. Everything
else is looked up in the table of `decisions`.
"""

from __future__ import annotations

from typing import Final, assert_never, overload

from consumer.coveo.decisions import Action, Row, row_for
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import (
    NEVER_SENT,
    CreateContainer,
    Delivery,
    Failure,
    FailureKind,
    PushBatch,
    PushDelete,
    PushItem,
    Reply,
    Response,
    SingleCall,
    Step,
    UpdateCatalog,
    Upload,
    code_of,
    container_of,
    error_code,
    request_id,
)
from consumer.coveo.limits import MAX_PASSING_RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS
from consumer.coveo.verdicts import (
    Accept,
    Block,
    Opened,
    Reason,
    Refuse,
    Retry,
    Setback,
    Stored,
    Verdict,
)
from consumer.coveo.waiting import retry_after_seconds

_TOO_MANY_REQUESTS: Final = 429


@overload
def classify(step: CreateContainer, reply: Reply) -> Opened | Setback: ...
@overload
def classify(step: Upload, reply: Reply) -> Stored | Setback: ...
@overload
def classify(step: Delivery | SingleCall, reply: Reply) -> Accept | Setback: ...
@overload
def classify(step: Step, reply: Reply) -> Verdict: ...


def classify(step: Step, reply: Reply) -> Verdict:
    """Return what `reply` to `step` means. Total: no answer is without a meaning."""
    match reply:
        case Failure():
            return _unanswered(step.endpoint, reply)
        case Response():
            return _success(step, reply) or _declined(step.endpoint, reply)
        case _:
            assert_never(reply)


def setback_of(endpoint: Endpoint, reply: Reply) -> Setback:
    """Return what a reply that is no success means, whatever was called. Total, too."""
    match reply:
        case Failure():
            return _unanswered(endpoint, reply)
        case Response():
            return _declined(endpoint, reply)
        case _:
            assert_never(reply)


def _success(step: Step, response: Response) -> Opened | Stored | Accept | None:
    # 201 and 202 by Coveo's OpenAPI document; 200 for a container by an older page (docs/43).
    match step, response.status:
        case CreateContainer(), 200 | 201:
            container = container_of(response.body)
            return Opened(container) if container else None
        case Upload(), 200:
            return Stored()
        case PushBatch() | UpdateCatalog() | PushItem() | PushDelete(), 202:
            return Accept()
        case _:
            return None


def _declined(endpoint: Endpoint, response: Response) -> Setback:
    row = row_for(endpoint, response.status, code_of(response))
    advice = row.advice
    if row.reason is Reason.FORBIDDEN:
        advice = f"{advice}: it needs {ROUTES[endpoint].privilege}"
    message = _message(endpoint, response, error_code(response), advice)
    match row.action:
        case Action.RETRY:
            return Retry(row.reason, message, _wait(row, response), ambiguous=False)
        case Action.RETRY_AMBIGUOUS:
            return Retry(row.reason, message, _wait(row, response), ambiguous=True)
        case Action.REFUSE:
            return Refuse(row.reason, message)
        case Action.BLOCK:
            return Block(row.reason, message)
        case _:
            assert_never(row.action)


def _wait(row: Row, response: Response) -> float | None:
    throttled = response.status == _TOO_MANY_REQUESTS
    longest = MAX_RETRY_AFTER_SECONDS if throttled else MAX_PASSING_RETRY_AFTER_SECONDS
    asked = retry_after_seconds(response.headers, longest)
    return row.wait_seconds if asked is None else asked


def _unanswered(endpoint: Endpoint, failure: Failure) -> Setback:
    message = f"{endpoint}: no answer, {failure.kind}: {failure.message}"
    if failure.kind is FailureKind.CREDENTIALS:
        return Block(Reason.CREDENTIALS, message)
    ambiguous = ROUTES[endpoint].changes and failure.kind not in NEVER_SENT
    return Retry(Reason.NETWORK, message, None, ambiguous)


def _message(endpoint: Endpoint, response: Response, code: str | None, advice: str) -> str:
    # The service's own text is left out: it may quote what was sent.
    named = request_id(response)
    words = [f"{endpoint}: {response.status}", code, f"(request {named})" if named else None]
    return f"{' '.join(word for word in words if word)}: {advice}"
