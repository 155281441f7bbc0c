"""What each answer that is no success means: one table. Pure. Imports the domain only.

Rows are read from the top, the first that fits holds, and the last ones fit everything; so
whatever comes back has a meaning. Statuses and error codes: docs/95, docs/63 and their 2017
editions; what they leave open is decided in a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import ROUTES, Endpoint, Host
from consumer.coveo.limits import DAILY_QUOTA_WAIT_SECONDS
from consumer.coveo.verdicts import Reason


class Action(StrEnum):
    """What a row makes of an answer that is no success."""

    RETRY = "retry"
    """The attempt again, from its first step: a container is for one use."""
    RETRY_AMBIGUOUS = "retry_ambiguous"
    """The same, but the call that makes Coveo act may have taken effect, or may yet."""
    REFUSE = "refuse"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: for these endpoints and statuses, and, where given, only for these error codes.

    `coded` rows are only about answers with some error code.
    """

    endpoints: frozenset[Endpoint]
    statuses: frozenset[int]
    action: Action
    reason: Reason
    advice: str
    codes: frozenset[ErrorCode] = frozenset()
    wait_seconds: float | None = None
    """The wait where the answer names none; `None` leaves it to the back-off."""
    coded: bool = False

    def fits(self, endpoint: Endpoint, status: int, code: ErrorCode | None) -> bool:
        """Return whether this row is about that answer."""
        if endpoint not in self.endpoints or status not in self.statuses:
            return False
        if self.coded and code is None:
            return False
        return not self.codes or code in self.codes


_UPLOAD: Final = frozenset({Endpoint.UPLOAD})
_CHANGING: Final = frozenset(each for each, route in ROUTES.items() if route.changes)
"""Calls that may have taken effect although their answer was lost."""
_ASKING: Final = frozenset(ROUTES) - _CHANGING - _UPLOAD
"""Calls that change nothing: a container that nobody uses expires."""
_API: Final = _ASKING | _CHANGING
_PLATFORM: Final = frozenset(each for each, route in ROUTES.items() if route.host is Host.PLATFORM)
_BY_FILE: Final = frozenset({Endpoint.BATCH, Endpoint.IDENTITY_BATCH})
_BY_STREAM: Final = frozenset({Endpoint.STREAM_UPDATE, Endpoint.STREAM_MERGE})
_ONE_ITEM: Final = frozenset({Endpoint.ITEM, Endpoint.ITEM_DELETE})
"""Calls that name an item in the query, the one parameter of theirs that is not always the same."""
_BRINGING: Final = (_BY_FILE | _BY_STREAM | _ONE_ITEM) | {
    Endpoint.IDENTITY,
    Endpoint.IDENTITY_DELETE,
    Endpoint.IDENTITY_MAPPING,
    Endpoint.FIELDS_CREATE,
}
"""Calls that bring something, be it an id, which can be invalid or too large by itself."""
_PASSING: Final = frozenset({408, *range(500, 600)})
_REFUSING: Final = frozenset(range(400, 500))


def _only(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


TABLE: Final[tuple[Row, ...]] = (
    Row(
        _API,
        _only(429),
        Action.RETRY,
        Reason.DAILY_QUOTA,
        "the day's items are spent: goes on when the quota is renewed",
        codes=frozenset({ErrorCode.TOO_MANY_DOCUMENTS_DAILY}),
        wait_seconds=DAILY_QUOTA_WAIT_SECONDS,
    ),
    Row(_API, _only(429), Action.RETRY, Reason.THROTTLED, "slows down by itself"),
    Row(
        _UPLOAD,
        _PASSING | {429},
        Action.RETRY,
        Reason.STORAGE_UNAVAILABLE,
        "the storage behind the upload URI has a passing trouble",
    ),
    Row(
        _UPLOAD,
        _only(400),
        Action.RETRY,
        Reason.STORAGE_UNAVAILABLE,
        "the body did not reach the storage in time, or not all of it",
        codes=frozenset({ErrorCode.STORAGE_TIMEOUT, ErrorCode.STORAGE_INCOMPLETE}),
    ),
    Row(_ASKING, _PASSING, Action.RETRY, Reason.UNAVAILABLE, "the service has a passing trouble"),
    # A gateway that gave up waiting says nothing about what it waited for.
    Row(
        _CHANGING,
        _PASSING,
        Action.RETRY_AMBIGUOUS,
        Reason.UNAVAILABLE,
        "the service has a passing trouble; it may have been taken",
    ),
    Row(
        _API,
        _only(400),
        Action.BLOCK,
        Reason.ORGANIZATION_PAUSED,
        "the organization is inactive: wake it by logging in to its console",
        codes=frozenset({ErrorCode.ORGANIZATION_IS_PAUSED}),
    ),
    Row(
        _API,
        _only(401),
        Action.BLOCK,
        Reason.UNAUTHORIZED,
        "the API key is missing, unknown, expired or not allowed from this address: replace it",
    ),
    Row(
        _API,
        _only(403),
        Action.BLOCK,
        Reason.FORBIDDEN,
        "the API key lacks a privilege",
    ),
    Row(
        _PLATFORM,
        _only(404),
        Action.BLOCK,
        Reason.NOT_FOUND,
        "no such source, provider or organization, or the platform's address is wrong",
    ),
    Row(
        _API,
        _only(404),
        Action.BLOCK,
        Reason.NOT_FOUND,
        "the organization id or the base URL is wrong: correct the configuration",
    ),
    Row(
        _API,
        _only(412),
        Action.BLOCK,
        Reason.SOURCE_DOES_NOT_EXIST,
        "the source id is wrong, or the source is not provisioned yet (some ten minutes)",
        codes=frozenset({ErrorCode.SOURCE_DOES_NOT_EXIST}),
    ),
    Row(
        _API,
        _only(412),
        Action.BLOCK,
        Reason.ITEM_LIMIT,
        "the index holds as many items as the licence allows: delete some or extend it",
        codes=frozenset({ErrorCode.DOCUMENT_LIMIT_EXCEEDED}),
    ),
    # The container was created and filled a moment ago. If it is gone, something between us and
    # the service repeated the call, and the first one was taken.
    Row(
        _BY_FILE,
        _only(412),
        Action.RETRY_AMBIGUOUS,
        Reason.FILE_UNKNOWN,
        "the container just filled is not known; the batch may have been taken",
        codes=frozenset({ErrorCode.INVALID_PARAMETER}),
    ),
    Row(
        _BY_STREAM,
        _only(412),
        Action.RETRY_AMBIGUOUS,
        Reason.FILE_UNKNOWN,
        "the container just filled is not known, and what it holds may have been taken; if it "
        "stays so, the source takes no streams: see `doctor`",
        codes=frozenset({ErrorCode.INVALID_PARAMETER}),
    ),
    Row(
        _ONE_ITEM,
        _only(412),
        Action.REFUSE,
        Reason.INVALID_BATCH,
        "the service finds something in it invalid",
        codes=frozenset({ErrorCode.INVALID_PARAMETER}),
    ),
    # The service's refusals carry a code. A 400 without one is a gateway's or a proxy's, which
    # never saw the body; setting records aside for it would empty the topic into dead letters.
    Row(
        _BRINGING,
        _only(400),
        Action.REFUSE,
        Reason.INVALID_BATCH,
        "the service finds something in it invalid",
        coded=True,
    ),
    Row(
        _BRINGING | _UPLOAD,
        _only(413),
        Action.REFUSE,
        Reason.TOO_LARGE,
        "what was sent is too large",
    ),
    Row(
        _UPLOAD,
        _only(400),
        Action.REFUSE,
        Reason.TOO_LARGE,
        "what was sent is too large",
        codes=frozenset({ErrorCode.STORAGE_TOO_LARGE}),
    ),
    # 403 is what an expired or differing signature gets; a fresh container has a fresh one.
    Row(
        _UPLOAD,
        _REFUSING,
        Action.RETRY,
        Reason.UPLOAD_REFUSED,
        "the upload URI expired, or something on the way changes headers",
    ),
    Row(
        _API,
        _REFUSING,
        Action.BLOCK,
        Reason.REQUEST_REFUSED,
        "the request is not understood: check base URL and proxies, or the service has changed",
    ),
    Row(
        _ASKING | _UPLOAD,
        frozenset(range(1_000)),
        Action.RETRY,
        Reason.UNEXPECTED_ANSWER,
        "not an answer of this service: check base URL and proxies",
    ),
    Row(
        _CHANGING,
        frozenset(range(1_000)),
        Action.RETRY_AMBIGUOUS,
        Reason.UNEXPECTED_ANSWER,
        "not an answer of this service: check base URL and proxies; it may have been taken",
    ),
)


def row_for(endpoint: Endpoint, status: int, code: ErrorCode | None) -> Row:
    """Return the row that holds for an answer that is no success; there is always one."""
    return next(row for row in TABLE if row.fits(endpoint, status, code))
