"""The ASGI application: which path leads where. Imports: starlette, web."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from emulator.api import ROUTES, UNSUPPORTED
from emulator.calls import Endpoint, push_error_reply
from emulator.errors import PushApiError, route_not_found
from emulator.web.admin import Admin
from emulator.web.identityadmin import IdentityAdmin
from emulator.web.page import Page
from emulator.web.push import PushEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from emulator.world import World

_TICK_SECONDS = 0.05

_log = logging.getLogger(__name__)


def create_app(world: World) -> Starlette:
    """Build an application that serves this world and settles due work in the background."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ticker = asyncio.create_task(_tick(world))
        yield
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker

    return Starlette(
        routes=[
            *_push_routes(world),
            *Admin(world).routes(),
            *IdentityAdmin(world).routes(),
            *Page(world).routes(),
        ],
        exception_handlers={
            PushApiError: _push_error,
            HTTPException: _http_error,
            Exception: _internal_error,
        },
        lifespan=lifespan,
    )


def _push_routes(world: World) -> list[Route]:
    served = [
        Route(one.path, PushEndpoint(world, one.endpoint, one), methods=[one.method])
        for one in ROUTES
    ]
    unsupported = PushEndpoint(world, Endpoint.UNSUPPORTED)
    return served + [Route(path, unsupported) for path in UNSUPPORTED]


async def _tick(world: World) -> None:
    while True:
        try:
            due_ms = world.agenda.next_due_ms()
            if due_ms is not None and due_ms <= world.clock.now_ms():
                await run_in_threadpool(world.turn)
        except Exception:  # noqa: BLE001 - see below
            # The outermost frame of the background work: one bad action must not end it.
            _log.exception("turn_failed")
        await asyncio.sleep(_TICK_SECONDS)


async def _push_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, PushApiError)
    reply = push_error_reply(error)
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = route_not_found(request.url.path)
    if error.status_code != refusal.status:
        refusal = PushApiError(error.status_code, "METHOD_NOT_ALLOWED", str(error.detail))
    return await _push_error(request, refusal)


async def _internal_error(request: Request, _: Exception) -> Response:
    # A fault of the emulator itself; clients still get JSON, the traceback goes to the log.
    return await _push_error(request, PushApiError(500, "INTERNAL_ERROR", "The emulator failed."))
