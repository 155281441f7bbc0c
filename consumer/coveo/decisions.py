"""What each answer that is no success means: one table. Pure. Imports the domain only.

Rows are read from the top, the first that fits holds, and the last ones fit everything; so
whatever comes back has a meaning. Statuses and error codes: docs/95, docs/63 and their 2017
editions; what they leave open is decided in a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consumer.coveo.exchange import Endpoint
from consumer.coveo.limits import DAILY_QUOTA_WAIT_SECONDS
from consumer.coveo.verdicts import Reason


class Action(StrEnum):
    """What a row makes of an answer that is no success."""

    RETRY = "retry"
    """The attempt again, from its first step: a container is for one use."""
    RETRY_AMBIGUOUS = "retry_ambiguous"
    """The same, but the batch call may have taken effect, or may yet."""
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
    codes: frozenset[str] = frozenset()
    wait_seconds: float | None = None
    """The wait where the answer names none; `None` leaves it to the back-off."""
    coded: bool = False

    def fits(self, endpoint: Endpoint, status: int, code: str | None) -> bool:
        """Return whether this row is about that answer."""
        if endpoint not in self.endpoints or status not in self.statuses:
            return False
        if self.coded and code is None:
            return False
        return not self.codes or code in self.codes


_FILES: Final = frozenset({Endpoint.FILES})
_UPLOAD: Final = frozenset({Endpoint.UPLOAD})
_BATCH: Final = frozenset({Endpoint.BATCH})
_API: Final = _FILES | _BATCH
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
        codes=frozenset({"TOO_MANY_DOCUMENTS_DAILY"}),
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
    Row(_FILES, _PASSING, Action.RETRY, Reason.UNAVAILABLE, "the service has a passing trouble"),
    # A gateway that gave up waiting says nothing about what it waited for.
    Row(
        _BATCH,
        _PASSING,
        Action.RETRY_AMBIGUOUS,
        Reason.UNAVAILABLE,
        "the service has a passing trouble; the batch may have been taken",
    ),
    Row(
        _API,
        _only(400),
        Action.BLOCK,
        Reason.ORGANIZATION_PAUSED,
        "the organization is inactive: wake it by logging in to its console",
        codes=frozenset({"ORGANIZATION_IS_PAUSED"}),
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
        "the API key lacks a privilege: it needs Sources - Edit on this source",
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
        codes=frozenset({"SOURCE_DOES_NOT_EXIST"}),
    ),
    Row(
        _API,
        _only(412),
        Action.BLOCK,
        Reason.ITEM_LIMIT,
        "the index holds as many items as the licence allows: delete some or extend it",
        codes=frozenset({"DOCUMENT_LIMIT_EXCEEDED"}),
    ),
    # The container was created and filled a moment ago. If it is gone, something between us and
    # the service repeated the call, and the first one was taken.
    Row(
        _BATCH,
        _only(412),
        Action.RETRY_AMBIGUOUS,
        Reason.FILE_UNKNOWN,
        "the container just filled is not known; the batch may have been taken",
        codes=frozenset({"INVALID_PARAMETER"}),
    ),
    # The service's refusals carry a code. A 400 without one is a gateway's or a proxy's, which
    # never saw the body; setting records aside for it would empty the topic into dead letters.
    Row(
        _BATCH,
        _only(400),
        Action.REFUSE,
        Reason.INVALID_BATCH,
        "the service finds something in the batch invalid",
        coded=True,
    ),
    Row(
        _BATCH,
        _only(413),
        Action.REFUSE,
        Reason.TOO_LARGE,
        "the batch is too large",
    ),
    Row(_UPLOAD, _only(413), Action.REFUSE, Reason.TOO_LARGE, "the batch is too large"),
    Row(
        _UPLOAD,
        _only(400),
        Action.REFUSE,
        Reason.TOO_LARGE,
        "the batch is too large",
        codes=frozenset({"EntityTooLarge"}),
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
        _FILES | _UPLOAD,
        frozenset(range(1_000)),
        Action.RETRY,
        Reason.UNEXPECTED_ANSWER,
        "not an answer of this service: check base URL and proxies",
    ),
    Row(
        _BATCH,
        frozenset(range(1_000)),
        Action.RETRY_AMBIGUOUS,
        Reason.UNEXPECTED_ANSWER,
        "not an answer of this service: check base URL and proxies; the batch may have been taken",
    ),
)


def row_for(endpoint: Endpoint, status: int, code: str | None) -> Row:
    """Return the row that holds for an answer that is no success; there is always one."""
    return next(row for row in TABLE if row.fits(endpoint, status, code))
