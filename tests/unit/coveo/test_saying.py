"""What an answer to a status call means: taken, or why not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from consumer.coveo.exchange import Failure, FailureKind, Reply, Response
from consumer.coveo.saying import broken, say
from consumer.domain.operations import TargetId
from consumer.domain.source_status import SourceStatus, StatusCall
from consumer.http.deadline import Deadline
from tests.unit.coveo.builders import KB, soon

ASKED = StatusCall(KB, SourceStatus.IDLE)


@dataclass
class Answers:
    """Gives one answer."""

    reply: Reply

    def tell_status(self, target: TargetId, status: SourceStatus, deadline: Deadline) -> Reply:
        """Give it."""
        assert (target, status) == (ASKED.target, ASKED.status)
        assert deadline.remaining_seconds() > 0
        return self.reply


def answer(status: int, body: bytes = b"{}", **headers: str) -> Response:
    """Return an answer; header names with underscores."""
    return Response(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, 0.1)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_will_do(status: int) -> None:
    """The document says 201; nothing depends on it."""
    assert say(ASKED, Answers(answer(status)), soon()).error is None


@pytest.mark.parametrize(
    ("reply", "error", "wait"),
    [
        (answer(429, b'{"errorCode":"TOO_MANY_REQUESTS"}', retry_after="7"),
         "429 TOO_MANY_REQUESTS", 7.0),
        (answer(503, retry_after="7"), "503", None),
        (answer(403, b'{"errorCode":"ACCESS_DENIED","message":"of k"}'), "403 ACCESS_DENIED", None),
        (answer(302), "302", None),
        (Failure(FailureKind.READ, "time-out", 0.1), "no answer, read: time-out", None),
    ],
)  # fmt: skip
def test_everything_else_says_why_and_only_a_quota_says_how_long(
    reply: Reply, error: str, wait: float | None
) -> None:
    """A 503 of the status must not stop pushing; the service's own text is left out."""
    told = say(ASKED, Answers(reply), soon())
    assert (told.error, told.retry_after_seconds) == (error, wait)
    assert told.call is not None


def test_a_bug_of_ours_is_told_without_its_text() -> None:
    """It may quote what was sent."""
    told = broken(ASKED, KeyError("secret"))
    assert (told.call, told.error) == (None, "KeyError in a status call")
