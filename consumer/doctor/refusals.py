"""Why a question was not answered, in words that say what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from consumer.coveo.answers import NotGiven
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import Failure, FailureKind
from consumer.coveo.results import Declined, Garbled


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, and what now."""

    why: str
    to_do: str
    passing: bool
    """Whether the same question may be answered later, with nothing changed by anyone."""


_KEY: Final = "give a key that is valid: see the check 'key' of `doctor`"
_ORGANIZATION: Final = "see the check 'organization' of `doctor`"
_HOST: Final = "see the checks 'platform_host' and 'push_host' of `doctor`"
_LATER: Final = "ask again later"
_REPORT: Final = "report it with the line of the call"

_BY_CODE: Final = {
    ErrorCode.ORGANIZATION_IS_PAUSED: _ORGANIZATION,
    ErrorCode.ORGANIZATION_NOT_FOUND: _ORGANIZATION,
    ErrorCode.UNAUTHORIZED: _KEY,
    ErrorCode.INVALID_TOKEN: _KEY,
    ErrorCode.TOO_MANY_REQUESTS: _LATER,
    ErrorCode.TOO_MANY_DOCUMENTS_DAILY: _LATER,
}


def refusal(given: NotGiven, endpoint: Endpoint) -> Refusal:
    """Return why there is no value. Total: every code and every kind of failure has its words."""
    match given:
        case Declined(_, code, response):
            said = str(response.status) if code is None else f"{response.status} {code}"
            to_do = _about(response.status, code, endpoint)
            return Refusal(f"Coveo answers {said}", to_do, to_do == _LATER)
        case Garbled(_, response):
            why = f"the answer {response.status} is not what this call answers"
            to_do = "see whether a proxy or another program answers at this address"
            return Refusal(why, to_do, passing=False)
        case Failure(kind, message):
            passing = kind is not FailureKind.CREDENTIALS
            return Refusal(f"no answer, {kind}: {message}", _about_failure(kind), passing)
        case _:
            assert_never(given)


def _about(status: int, code: ErrorCode | None, endpoint: Endpoint) -> str:
    if code in _BY_CODE:
        return _BY_CODE[code]
    match status:
        case 401:
            return _KEY
        case 403:
            return f"give the key the privilege '{ROUTES[endpoint].privilege}'"
        case 404 | 412:
            return _ORGANIZATION
        case 408 | 429 | 500 | 502 | 503 | 504:
            return _LATER
        case _:
            return _REPORT


def _about_failure(kind: FailureKind) -> str:
    match kind:
        case FailureKind.CREDENTIALS:
            return _KEY
        case FailureKind.CONNECT | FailureKind.UNSENDABLE | FailureKind.PROTOCOL:
            return _HOST
        case FailureKind.POOL | FailureKind.EXPIRED | FailureKind.READ | FailureKind.WRITE:
            return f"{_LATER}, or give more time with --deadline-seconds"
        case FailureKind.OVERSIZE:
            return _REPORT
        case _:
            assert_never(kind)
