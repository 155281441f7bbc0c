"""What a call left behind for logs and support cases (docs/68). Pure. Imports the domain only.

Coveo keeps no logs of pushes of its own: the sender's codes and ids are all there is to go by.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, assert_never

from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Failure, Reply, Response, error_code, ordering_id, request_id
from consumer.domain.fates import Call

_SHORT: Final = re.compile(r"[ -~]{1,40}", re.ASCII)


def call_of(endpoint: Endpoint, reply: Reply, sent_bytes: int = 0) -> Call:
    """Return the account of a call. The service's own message is left out: it may quote data."""
    asked = reply.asked
    call = Call(
        endpoint,
        None,
        reply.seconds,
        asked.sent_bytes if asked else sent_bytes,
        method=asked.method if asked else None,
        path=(asked.path or None) if asked else None,
        at_ms=asked.at_ms if asked else None,
        file_id=asked.file_id if asked else None,
        ordering_id=asked.ordering_id if asked else None,
    )
    match reply:
        case Response():
            return replace(
                call,
                code=reply.status,
                request_id=request_id(reply),
                error_code=error_code(reply),
                ordering_id=call.ordering_id or ordering_id(reply),
                service_date=_short(reply.headers.get("date")),
                retry_after=_short(reply.headers.get("retry-after")),
            )
        case Failure():
            return replace(call, error_code=reply.kind)
        case _:
            assert_never(reply)


def _short(text: str | None) -> str | None:
    """Return what a header says if it is one that could be meant."""
    return text if text and _SHORT.fullmatch(text) else None
