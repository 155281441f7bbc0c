"""What the admin calls have in common: numbers asked for, answers, refusals. Imports: starlette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from emulator.errors import PushApiError

if TYPE_CHECKING:
    from starlette.requests import Request


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


def bad(detail: str) -> PushApiError:
    """Refuse an admin call."""
    return PushApiError(400, "INVALID_ADMIN_REQUEST", detail)
