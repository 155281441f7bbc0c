"""What the admin calls have in common: what is asked for, answers, refusals.

Imports: starlette, inspection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from emulator.errors import PushApiError
from emulator.inspection import Selection

if TYPE_CHECKING:
    from starlette.requests import Request

_DEFAULT_PAGE = 100
_MAX_PAGE = 10_000
_DEFAULT_LOG_PART = 1_000


def json_response(value: object, status: int = 200) -> Response:
    """Answer with a JSON value."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def number(request: Request, name: str, default: int) -> int:
    """Return a parameter that is a number, if it is there; raises INVALID_ADMIN_REQUEST."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise bad(detail=f"{name} must be a number that is not negative")
    return int(text)


def selection(request: Request) -> Selection:
    """Return which part of a list is asked for; raises INVALID_ADMIN_REQUEST."""
    return Selection(
        prefix=request.query_params.get("prefix", ""),
        text=request.query_params.get("q", ""),
        offset=number(request, "offset", 0),
        limit=min(number(request, "limit", _DEFAULT_PAGE), _MAX_PAGE),
    )


def after_and_limit(request: Request) -> tuple[int, int]:
    """Return which part of a log is asked for; raises INVALID_ADMIN_REQUEST."""
    return number(request, "after", 0), number(request, "limit", _DEFAULT_LOG_PART)


def nothing_known(what: str) -> PushApiError:
    """Refuse an admin call about something that is not there."""
    return PushApiError(404, "NOT_FOUND", what)


def bad(detail: str) -> PushApiError:
    """Refuse an admin call."""
    return PushApiError(400, "INVALID_ADMIN_REQUEST", detail)
