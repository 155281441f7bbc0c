"""The endpoints that clients call: record, meet faults, answer. Imports: starlette, the core."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from emulator import faults
from emulator.api import answer
from emulator.calls import Call, Endpoint, Reply, push_error_reply, storage_error_reply
from emulator.errors import PushApiError, StorageError
from emulator.requestlog import RequestRecord
from emulator.web.receiving import read_call
from emulator.web.wire import Line

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from emulator.routing import Route as ApiRoute
    from emulator.world import World

_GARBAGE = b"<!doctype html><title>gateway</title>\x00\xff{not json"


class PushEndpoint:
    """An ASGI application for one endpoint."""

    def __init__(self, world: World, endpoint: Endpoint, route: ApiRoute | None = None) -> None:
        """Serve one route to an endpoint of this world."""
        self._world = world
        self._endpoint = endpoint
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and write it into the request log, however it ends."""
        request = Request(scope, receive)
        record, effect = self._open(request)
        log, started = self._world.request_log, time.perf_counter()
        line = Line(scope, receive, send, record.number)
        status: int | None = None
        try:
            status = await self._serve(request, record, line, effect)
        except ClientDisconnect:
            record.fault = record.fault or "client_disconnected"
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            log.close(record, status, round(milliseconds, 3))

    def _open(self, request: Request) -> tuple[RequestRecord, faults.Effect | None]:
        world, source = self._world, request.path_params.get("source")
        effect = world.faults.strike(self._endpoint, source)
        record = RequestRecord(
            world.request_log.next_number(),
            world.clock.now_ms(),
            request.method,
            request.scope["path"],
            self._endpoint,
            source,
            request.path_params.get("file_id") or request.query_params.get("fileId"),
            fault=None if effect is None else faults.name_of(effect),
        )
        world.request_log.open(record)
        return record, effect

    async def _serve(
        self, request: Request, record: RequestRecord, line: Line, effect: faults.Effect | None
    ) -> int | None:
        if isinstance(effect, faults.Drop):
            await line.abort()
            return None
        call = await read_call(request, record, self._world.settings.limits)
        if effect is None:
            return await self._send(line, await self._answer(call))
        return await self._serve_faulty(call, line, effect)

    async def _serve_faulty(self, call: Call, line: Line, effect: faults.Effect) -> int | None:
        now_ms = self._world.clock.now_ms()
        match effect:
            case faults.Status():
                return await self._send(line, _injected(call.endpoint, effect))
            case faults.Delay(seconds):
                await asyncio.sleep(seconds)
                return await self._send(line, await self._answer(call))
            case faults.Drop():
                await line.abort()
            case faults.LoseResponse(halfway):
                reply = await self._answer(call)
                await (line.reply_halfway(reply, now_ms) if halfway else line.abort())
            case faults.Late(seconds, drop):
                late = partial(answer, self._world, call, self._route)
                await run_in_threadpool(self._world.defer, seconds, late)
                await (line.abort() if drop else line.hold())
            case faults.Garbage(status):
                reply = await self._answer(call)
                return await self._send(line, _garbled(reply, status))
            case faults.Drip(seconds_per_byte, size):
                reply = await self._answer(call)
                await line.drip(reply, now_ms, seconds_per_byte, size)
                return reply.status
            case faults.Twice():
                return await self._send(line, await self._answer(call.twice()))
            case _:
                assert_never(effect)
        return None

    async def _answer(self, call: Call) -> Reply:
        # Off the event loop, since the lock may be held by a long turn of the pipeline.
        return await run_in_threadpool(answer, self._world, call, self._route)

    async def _send(self, line: Line, reply: Reply) -> int:
        await line.reply(reply, self._world.clock.now_ms())
        return reply.status


def _injected(endpoint: Endpoint, effect: faults.Status) -> Reply:
    code = effect.error_code or "INJECTED"
    if endpoint is Endpoint.UPLOAD_FILE:
        return storage_error_reply(StorageError(effect.status, code, effect.message))
    error = PushApiError(effect.status, code, effect.message, effect.retry_after)
    return push_error_reply(error)


def _garbled(reply: Reply, status: int | None) -> Reply:
    return replace(reply, status=status or reply.status, body=_GARBAGE, media_type="text/html")
