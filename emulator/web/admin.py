"""Looking into the emulator and steering it, under `/__admin`. Imports: starlette, the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from emulator import commands, inspection
from emulator.clock import iso
from emulator.settings import SourceSpec, Visibility
from emulator.state.transfer import export_state
from emulator.state.values import BadStateError
from emulator.web.asking import after_and_limit, bad, json_response, nothing_known, selection
from emulator.web.faultrules import BadRuleError, read_rules, show_rule

if TYPE_CHECKING:
    from starlette.requests import Request

    from emulator.sources import Source
    from emulator.world import World

_MAX_SECONDS_AHEAD = commands.MAX_DAYS_AHEAD * 86_400


class Admin:
    """The admin calls. Plain functions run in threads, so the lock never stops the event loop."""

    def __init__(self, world: World) -> None:
        """Steer this world."""
        self._world = world

    def routes(self) -> list[Route]:
        """All routes, with their full paths."""
        source = "/__admin/sources/{source}"
        return [
            Route("/__admin/sources", self._sources, methods=["GET"]),
            Route("/__admin/sources", self._put_source, methods=["POST"]),
            Route(f"{source}/items", self._items, methods=["GET"]),
            Route(f"{source}/items/one", self._one, methods=["GET"]),
            Route(f"{source}/export", self._export, methods=["GET"]),
            Route("/__admin/state", self._export_state, methods=["GET"]),
            Route("/__admin/state", self._import_state, methods=["POST"]),
            Route("/__admin/requests", self._requests, methods=["GET"]),
            Route("/__admin/log", self._log, methods=["GET"]),
            Route("/__admin/counters", self._counters, methods=["GET"]),
            Route("/__admin/reset", self._reset, methods=["POST"]),
            Route("/__admin/clock", self._clock, methods=["GET"]),
            Route("/__admin/clock", self._advance, methods=["POST"]),
            Route("/__admin/faults", self._faults, methods=["GET"]),
            Route("/__admin/faults", self._add_faults, methods=["POST"]),
            Route("/__admin/faults", self._clear_faults, methods=["DELETE"]),
        ]

    def _sources(self, _: Request) -> Response:
        return json_response({"sources": inspection.list_sources(self._world)})

    async def _put_source(self, request: Request) -> Response:
        raw = await _body(request)
        name = raw.get("name")
        if not isinstance(name, str) or not name:
            raise bad(detail="name must be a non-empty string")
        enabled = raw.get("pushEnabled", True)
        if not isinstance(enabled, bool):
            raise bad(detail="pushEnabled must be true or false")
        providers = raw.get("providers", [])
        if not isinstance(providers, list):
            raise bad(detail="providers must be an array")
        spec = SourceSpec(
            name,
            _visibility(raw.get("visibility", "SHARED")),
            enabled,
            tuple(str(one) for one in providers),
        )
        source = await run_in_threadpool(commands.put_source, self._world, spec)
        return json_response(inspection.show_source(source), 201)

    def _items(self, request: Request) -> Response:
        source = self._source(request)
        return json_response(inspection.list_items(self._world, source, selection(request)))

    def _one(self, request: Request) -> Response:
        document_id = request.query_params.get("id", "")
        found = inspection.show_document(self._world, self._source(request), document_id)
        if found is None:
            raise nothing_known(what=f"Nothing is known about '{document_id}'.")
        return json_response(found)

    def _export(self, request: Request) -> Response:
        lines = inspection.export_lines(self._world, self._source(request))
        return StreamingResponse(lines, media_type="application/jsonl")

    def _export_state(self, _: Request) -> Response:
        self._world.turn()
        with self._world.lock:
            lines = list(export_state(self._world))
        return StreamingResponse(iter(lines), media_type="application/jsonl")

    async def _import_state(self, request: Request) -> Response:
        lines = (await request.body()).splitlines()
        try:
            await run_in_threadpool(commands.load, self._world, lines)
        except BadStateError as error:
            raise bad(str(error)) from error
        return json_response({"records": len(lines)})

    def _requests(self, request: Request) -> Response:
        after, limit = after_and_limit(request)
        return json_response({"requests": inspection.list_requests(self._world, after, limit)})

    def _log(self, request: Request) -> Response:
        after, limit = after_and_limit(request)
        entries = inspection.list_log(
            self._world,
            after=after,
            limit=limit,
            source=request.query_params.get("source"),
            failed=request.query_params.get("failed") == "true",
        )
        return json_response({"entries": entries})

    def _counters(self, _: Request) -> Response:
        return json_response(inspection.show_counters(self._world))

    def _reset(self, _: Request) -> Response:
        commands.reset(self._world)
        return json_response({})

    def _clock(self, _: Request) -> Response:
        now_ms = self._world.clock.now_ms()
        return json_response({"now": iso(now_ms), "nowMs": now_ms})

    async def _advance(self, request: Request) -> Response:
        seconds = (await _body(request)).get("advance_seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise bad(detail="advance_seconds must be a number")
        if not 0 <= seconds <= _MAX_SECONDS_AHEAD:
            raise bad(detail=f"advance_seconds must be a number from 0 to {_MAX_SECONDS_AHEAD}")
        await run_in_threadpool(commands.advance, self._world, seconds)
        return self._clock(request)

    def _faults(self, _: Request) -> Response:
        return json_response({"rules": [show_rule(one) for one in self._world.faults.rules()]})

    async def _add_faults(self, request: Request) -> Response:
        try:
            rules = read_rules(await _parsed(request))
        except BadRuleError as error:
            raise bad(str(error)) from error
        added = [show_rule(rule.add_to(self._world)) for rule in rules]
        return json_response({"rules": added}, 201)

    def _clear_faults(self, _: Request) -> Response:
        self._world.faults.clear()
        return json_response({"rules": []})

    def _source(self, request: Request) -> Source:
        name = request.path_params["source"]
        with self._world.lock:
            source = self._world.sources.get(name)
        if source is None:
            raise nothing_known(what=f"There is no source '{name}'.")
        return source


async def _parsed(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        message = f"the body is not JSON: {error}"
        raise bad(message) from error


async def _body(request: Request) -> dict[str, Any]:
    raw = await _parsed(request)
    if not isinstance(raw, dict):
        raise bad(detail="the body must be an object")
    return raw


def _visibility(name: object) -> Visibility:
    try:
        return Visibility(str(name).upper())
    except ValueError as error:
        raise bad(detail=f"visibility must be one of {', '.join(Visibility)}") from error
