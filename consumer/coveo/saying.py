"""Says what a source is doing: one call, its answer as a value. Imports domain."""

from __future__ import annotations

from typing import Final, Protocol, assert_never

from consumer.coveo.accounts import call_of
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Failure, Reply, Response, error_code
from consumer.coveo.limits import MAX_RETRY_AFTER_SECONDS
from consumer.coveo.waiting import retry_after_seconds
from consumer.domain.operations import TargetId
from consumer.domain.source_status import SourceStatus, StatusCall, StatusTold
from consumer.http.deadline import Deadline

_TAKEN: Final = frozenset({200, 201, 202, 204})
"""201 by Coveo's OpenAPI document; any other success does as well, since nothing depends on it."""
_TOO_MANY_REQUESTS: Final = 429


class Performer(Protocol):
    """Carries the call out: the client, or whatever stands in for it."""

    def tell_status(self, target: TargetId, status: SourceStatus, deadline: Deadline) -> Reply:
        """Say what the source behind a target is doing."""
        ...


def say(asked: StatusCall, client: Performer, deadline: Deadline) -> StatusTold:
    """Say it once, within `deadline`."""
    reply = client.tell_status(asked.target, asked.status, deadline)
    call = call_of(Endpoint.STATUS, reply)
    match reply:
        case Failure(kind, message, _):
            return StatusTold(asked, call, f"no answer, {kind}: {message}")
        case Response(status, headers, _, _) if status in _TAKEN:
            return StatusTold(asked, call, None)
        case Response(status, headers, _, _):
            throttled = status == _TOO_MANY_REQUESTS
            wait = retry_after_seconds(headers, MAX_RETRY_AFTER_SECONDS) if throttled else None
            words = [str(status), error_code(reply)]
            return StatusTold(asked, call, " ".join(word for word in words if word), wait)
        case _:
            assert_never(reply)


def broken(asked: StatusCall, error: Exception) -> StatusTold:
    """Return how saying it ended when our own code failed; the text of the error may quote data."""
    return StatusTold(asked, None, f"{type(error).__name__} in a status call")
